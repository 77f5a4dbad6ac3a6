"""Reusable parts of the window; they know colours and words, but no query and no service.

basic         label(text, role) · ElidedLabel · badge/set_badge(text, tone) · button(text, run, kind=, icon=) ·
              primary · icon_button(icon, says, run) · icon_label · card(*parts, tone=) · rule ·
              row/column(*parts, None = stretch) · holder(layout) · clear(layout) · restyle(widget)
              roles: title section hero caption muted strong error link mono code; tones: ok warn bad info plain;
              kinds: primary danger quiet chip card
page          Page(desk, title, subtitle): header, body, refresh(), show_target(**), NOUNS · PageHeader.add(*actions),
              .set_subtitle · scrolled(widget)
fields        Form: add(name, caption, widget, hint=), add_line(…, secret=), add_choice(name, caption, [(value, text)]),
              values(), set_error(name, text), clear_errors(), show_error(error) -> bool (by WelfareError.field)
search_box    SearchBox(placeholder): searched(text), 180 ms after the last key
chips         Chips([(key, text)], value): chosen(key), set_count(key, n), value()
record_table  RecordTable(model, name, says, preferences): opened(row), chosen(rows), selected(), Ctrl+C as TSV;
              Column(tone=…) draws a badge (../table_model.py)
empty_state   EmptyState(icon, sentence, action, run): one sentence, one primary button
banner        Banner(): say(text, tone, action, run); say("") hides
toast         Toast(parent): say(text, action, run) (pages use desk.toast)
drawer        Drawer(parent): show_widget(widget), Esc closes (pages use desk.open_drawer)
drop_overlay  DropOverlay(window): dropped(path), refused(sentence)
kpi           Kpi(name, run): show_value(value, note)
qr            QrWidget(size): show_matrix(matrix, says), set_tone(token) · image(matrix) one bit per module
wizard        Wizard([Step(name, widget, forward)]): leaving(index) → go(index + 1) | complain(text) | set_busy(bool),
              entered(index), cancelled; .note is a layout beside the buttons (live cost sentence)
jobs_tray     JobsTray(background): the window's own
charts        by the dashboard: funnel, curve, dots
"""
