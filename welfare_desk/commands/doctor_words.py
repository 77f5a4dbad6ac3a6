"""What `doctor` found, in words, and what to do about it."""

from __future__ import annotations

from welfare_desk.i18n import _, error_text, language
from welfare_desk.services.health_checks import Finding


def words(finding: Finding) -> tuple[str, str]:
    """(what was found, what to do or "")."""
    if finding.error is not None:
        return error_text(language(), finding.error), _error_advice().get(finding.code, "")
    said, advice = (_machine() | _database() | _keys() | _service())[finding.code]
    return said.format(**finding.params), advice.format(**finding.params)


def _error_advice() -> dict[str, str]:
    """For errors whose own sentence does not say it."""
    return {
        "keys_differ": _("Point --data at the folder that belongs to this database, or set the right --database."),
        "database_away": _("Look whether the database server runs and can be reached from here."),
        "keys_wrong": _("Set WELFARE_DESK_KEY_PASSPHRASE to the passphrase of the first set-up, or the recovery key."),
        "journal_broken": _("Keep the file, and restore the journal folder from its copy."),
    }


def _machine() -> dict[str, tuple[str, str]]:
    return {
        "folder_fine": (_("Data folder: {folder}"), ""),
        "folder_missing": (_("The data folder {folder} does not exist."), _("Run “welfare-desk init”.")),
        "folder_unwritable": (
            _("The data folder {folder} cannot be written."),
            _("Give it to the user that the service runs as."),
        ),
        "folder_open": (_("Others on this machine can look into {folder}."), _("Run: chmod 700 “{folder}”")),
        "place_fine": (_("It lies on a disk of this machine."), ""),
        "place_share": (
            _("{folder} lies on a network share ({kind})."),
            _("Stop the service and move the folder to a disk of this machine, or use PostgreSQL."),
        ),
        "place_cloud": (
            _("{folder} is synchronised by {name}."),
            _("Stop the service and move the folder out of it; back up with “welfare-desk backup” instead."),
        ),
        "disk_fine": (_("Free space: {free} MB"), ""),
        "disk_low": (_("Only {free} MB are free for {folder}."), _("Make room before the next campaign.")),
        "disk_full": (_("Only {free} MB are free for {folder}."), _("Make room now: without it claims fail.")),
        "unreadable": (_("{name}: {reason}"), _("Look at the rights of that file and the health of the disk.")),
    }


def _database() -> dict[str, tuple[str, str]]:
    return {
        "database_fine": (_("{kind} answers ({url}), schema {schema}"), ""),
        "commits_kept": (_("Commits survive a power cut ({named})"), ""),
        "commits_lost": (
            _("Commits can be lost in a power cut ({named})."),
            _("SQLite: move the data folder to a local disk. PostgreSQL: set these to “on” and reload."),
        ),
        "clock_fine": (_("The clock agrees with what was recorded"), ""),
        "clock_late": (
            _("The clock is {seconds} s behind what was recorded."),
            _("Set it (NTP); the service does not start before."),
        ),
        "clock_apart": (
            _("This machine's clock and the database's differ by {seconds} s."),
            _("Set both by NTP; the database's decides who was in time."),
        ),
        "epoch_fine": (_("This machine serves this life of the database ({epoch})"), ""),
        "backup_fine": (_("Last backup {hours} hours ago: {file}"), ""),
        "backup_old": (
            _("The last backup is {days} days old: {file}"),
            _("Run “welfare-desk backup FILE”, or set a schedule on the backup page."),
        ),
        "backup_never": (
            _("There has been no backup yet."),
            _("Run “welfare-desk backup FILE”, or set a schedule on the backup page."),
        ),
        "backup_failed": (
            _("The last scheduled backup failed ({code})."),
            _("Look at the folder of the schedule: is it there, writable, not full?"),
        ),
    }


def _keys() -> dict[str, tuple[str, str]]:
    return {
        "keys_open": (_("The key store opens"), ""),
        "keys_closed": (
            _("The key store is there; it was not opened, as no password was given"),
            _("Set WELFARE_DESK_PASSWORD (or WELFARE_DESK_KEY_PASSPHRASE) to try it too."),
        ),
        "keys_elsewhere": (
            _("There are no keys in {folder}: this machine can be a desk, not the service."),
            _("To run the service here: “welfare-desk keys export” there, “welfare-desk init --keys” here."),
        ),
        "pin_fine": (_("The service's key is the one first seen ({found})"), ""),
        "pin_missing": (
            _("The service's key was not yet noted here ({found})."),
            _("Compare it with what the service's machine shows."),
        ),
        "journal_fine": (_("Claim journal: {files} files, and the database knows the newest record"), ""),
        "journal_closed": (_("Claim journal: {files} files, writable; not read without the keys"), ""),
    }


def _service() -> dict[str, tuple[str, str]]:
    return {
        "service_fine": (_("The service is alive: {web} for pages, {jobs} for background work"), ""),
        "service_stopped": (
            _("No claim service is running."),
            _("Start it: “welfare-desk service”, or from the window."),
        ),
        "service_without_jobs": (
            _("Pages are served, but nobody does the background work."),
            _("Restart the service; its log says why its jobs ended."),
        ),
        "address_fine": (_("Links begin with {address}; somebody listens there"), ""),
        "address_untried": (_("Links begin with {address}; not tried, as no service runs"), ""),
        "address_local": (
            _("Links begin with {address}: they work only inside this network."),
            _("For phones elsewhere set a public address (Settings, or --public-url)."),
        ),
        "address_loopback": (
            _("Links begin with {address}: they work on this machine alone."),
            _("Set a public address, or listen on all addresses."),
        ),
        "address_silent": (
            _("Links begin with {address}, but nobody answers there."),
            _("Look at the name, the proxy and the firewall."),
        ),
    }
