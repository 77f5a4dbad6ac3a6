"""The Qt window. It holds no keys and opens no sockets; it reads queries and writes services.

Guide for pages (welfare_desk/desktop/pages/<noun>.py, one Page class per file):

    class PeoplePage(Page):                                   # widgets/page.py
        NOUNS = ("people",)                                   # reload when Desk.changed names one of these
        def __init__(self, desk: Desk) -> None:
            super().__init__(desk, _("Employees"), _("Who can be given something"))
            self.header.add(button(_("Add person"), self._add), primary(_("Import people"), self._import))
            self.model = TableModel(COLUMNS, more=self._more, sort=self._sort)      # table_model.py
            self.table = RecordTable(self.model, "people", _("Employees"), desk.preferences)   # widgets/record_table.py
            self.body.addWidget(self.table, 1)
        def refresh(self) -> None:                            # first show, F5, desk.changed
            self.desk.background.read(people.list_people, self._show, key="list", limit=100)
        def _show(self, chunk) -> None: self.model.replace([...tuples...], more=bool(chunk.next))
        def show_target(self, **target) -> None: ...          # desk.go("people", reference="…") led here

- Ask: `desk.background.read(query, done, failed=None, *, key=None, **kw)`, `.write(service, done, failed, **kw)`,
  `.call(function, done, failed, **kw)` (files, PDF), `.job(title, work, done, failed, **kw)` with
  `work(ctx, report, **kw)` and `report(done, total=0, text="")`; it raises Cancelled inside the work. `done` and
  `failed` are bound methods of QObjects. Without `failed` the window tells the person by itself.
- Tell: `desk.toast(text, _("Undo"), self._undo)`, `desk.problem.emit(error)`, `desk.changed.emit("people")`,
  `desk.go("campaigns", campaign=7)`, `desk.open_drawer(widget)` (heading = `widget.setWindowTitle`), None closes.
- Files dropped anywhere, Ctrl+I and pasted cells reach the people page as `open_import(path)` / `open_pasted(text)`.
- `desk.demo` is true on demo data; `desk.ctx.operator`, `desk.ctx.data`, `desk.preferences` (local QSettings).
- A service's job row: `JobWatch(desk.background, job_id, self)` with `moved(job)`, `settled(job)`   (job_watch.py).
- Texts: `_()`; errors: `error_text(language(), error)`; formats.py: number, money, share, moment, day, ago.
- dialogs.py: ask_save, ask_open, confirm(parent, title, text, act, danger=, typed="1283").
- Looks: the style sheet knows properties (`kind`, `role`, `badge`, `card`, `tone`); lengths through `theme.px(n)`,
  painted colours through `theme.colour("primary")` in paintEvent. Icons: `icons.icon("people")`, see resources/icons.
- Keys: page shortcuts are QShortcut(…, self) with WidgetWithChildrenShortcut; Ctrl+K, Ctrl+1…7, Ctrl+I, F5, F1 are the
  window's; Ctrl+F, Ctrl+E, Ctrl+P, Ctrl+N the page's.
- Language, theme and scale changes build every page anew: keep nothing in a page that must survive that.
- No thread, no timer loop that blocks, no db/web/security import, plain text in every label that shows data.
"""
