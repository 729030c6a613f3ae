"""What expires or must be rotated when: as a table, and as a file that a calendar's own parser reads."""

import datetime
import re
import subprocess

import icalendar
import pytest
import yaml

from program import binary, check, endpoint, environment, run
from servers import certificates
from servers.postgresql import PostgreSQL

SATURDAYS = [{"days": ["Sat"], "start": "02:00", "duration": "2h", "timeZone": "Asia/Kathmandu"}]
UTC = datetime.timezone.utc


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.server(not_after=authority.now + 45 * certificates.DAY)


@pytest.fixture(scope="module")
def server(leaf, templates, workspace):
    with PostgreSQL(workspace / "calendar-pg", leaf, template=templates["postgresql"]) as started:
        yield started


def declared(server, files, name, **rotation):
    return endpoint(name, "postgresql", server.port, mode="verify-full", ca=files["ca"], user=None,
                    certificate=files["good.crt"], key=files["good.key"], rotation=rotation)


def calendar(documents, *options):
    return run("check", "-f", "-", "--calendar", *options, stdin=yaml.safe_dump_all(documents))


def calendar_file(documents):
    """The bytes: nothing may touch the line ends."""
    return subprocess.run([binary(), "check", "-f", "-", "-o", "ics"], input=yaml.safe_dump_all(documents).encode(),
                          stdout=subprocess.PIPE, env=environment(), timeout=120).stdout


def events(text):
    parsed = icalendar.Calendar.from_ical(text)
    assert parsed["version"] == "2.0" and "method" not in parsed
    return {str(event["uid"]): event for event in parsed.walk("VEVENT")}


def fingerprint(identity):
    return identity.certificate.fingerprint(certificates.hashes.SHA256()).hex()


def test_the_table_groups_what_endpoints_share_and_sorts_by_date(server, files):
    result = calendar([declared(server, files, "one"), declared(server, files, "two")])
    assert result.returncode == 0, result.stdout + result.stderr
    rows = result.stdout.splitlines()[1:]
    # The leaf, the client's chain and the path up to the root: the intermediate serves both and stands once.
    assert [re.search(r"(\w+ )?certificate", row).group() for row in rows] == [
        "certificate", "client certificate", "intermediate certificate", "CA certificate"]
    assert all("default/one, default/two" in row for row in rows)
    assert rows == sorted(rows)


def test_the_table_shows_the_window_where_it_opens(server, files, leaf):
    row = calendar([declared(server, files, "one", maintenanceWindows=SATURDAYS)]).stdout.splitlines()[1]
    start, day = re.match(r"(\S+), .* Sat (\S+) 02:00 to 04:00 Asia/Kathmandu", row).groups()
    assert datetime.datetime.fromisoformat(start.replace("Z", "+00:00")).astimezone(
        datetime.timezone(datetime.timedelta(hours=5, minutes=45))).isoformat() == f"{day}T02:00:00+05:45"
    # The last Saturday that leaves a day.
    end = datetime.datetime.fromisoformat(start.replace("Z", "")) + datetime.timedelta(hours=2)
    deadline = leaf.certificate.not_valid_after - certificates.DAY
    assert deadline - 7 * certificates.DAY < end <= deadline


def test_the_file_is_read_by_a_calendars_parser(server, files, leaf):
    documents = [declared(server, files, "one", maintenanceWindows=SATURDAYS), declared(server, files, "two")]
    written, again = calendar_file(documents), calendar_file(documents)
    assert written.endswith(b"\r\n") and all(len(line) <= 75 for line in written.split(b"\r\n"))
    found = events(written)
    assert found.keys() == events(again).keys(), "importing again updates instead of adding"
    mine = fingerprint(leaf)
    expiry = found[f"{mine}-expiry@tlswarden"]
    assert expiry["dtstart"].dt == leaf.certificate.not_valid_after.replace(tzinfo=UTC)
    assert "2 endpoints" in expiry["summary"] and "default/one, default/two" in expiry["description"]
    window = found[f"{mine}-rotate@tlswarden"]
    assert window["dtend"].dt - window["dtstart"].dt == datetime.timedelta(hours=2)
    assert window["dtstart"].dt.strftime("%a %H:%M") == "Fri 20:15"
    moment = found[f"{mine}-rotate-2@tlswarden"]
    assert moment["dtstart"].dt == expiry["dtstart"].dt - datetime.timedelta(days=1) and "dtend" not in moment
    for event in found.values():
        assert event["dtstamp"].dt.tzinfo is not None
        assert [alarm["trigger"].dt for alarm in event.walk("VALARM")] == [datetime.timedelta(days=-1)]


def test_o_ics_alone_means_the_calendar(server, files):
    assert events(calendar_file([declared(server, files, "one")]))


def test_another_day_shows_what_will_be_late_then(server, files):
    documents = [declared(server, files, "one", maintenanceWindows=SATURDAYS)]
    states = {at: calendar(documents, "--at", at).stdout.splitlines()[1].split(",")[1].split()[3]
              for at in ("+1d", "+33d", "+44d", "+90d")}
    assert states == {"+1d": "Planned", "+33d": "WaitingForWindow", "+44d": "Overdue", "+90d": "Expired"}
    late = calendar(documents, "--at", "+44d")
    assert "none is left" in late.stdout and late.returncode == 2
    assert "Judged as of" in late.stdout


def test_the_status_tells_the_same_on_every_day(server, files):
    document = declared(server, files, "one", maintenanceWindows=SATURDAYS)
    found = {at: check([document], "--at", at) for at in ("+1d", "+33d", "+44d", "+90d")}
    assert [f.status("one")["rotation"]["state"] for f in found.values()] == [
        "Planned", "WaitingForWindow", "Overdue", "Overdue"]
    assert [f.code for f in found.values()] == [0, 1, 2, 2]
    assert len({f.status("one")["expiry"]["rotateBy"] for f in found.values()}) == 1, "the date does not move"
    message = found["+44d"].condition("one", "RotationRecommended")["message"]
    assert "no maintenance window is left before that; rotate it" in message


def test_an_endpoint_that_shows_nothing_is_named(server, files):
    silent = endpoint("silent", "postgresql", 1, mode="require", user=None)
    result = calendar([declared(server, files, "one"), silent])
    assert "no certificate of the server was seen: default/silent." in result.stdout
    assert result.returncode == 2


def test_a_short_life_and_a_weekly_window_do_not_go_together(authority, server, files):
    server.identity = authority.server(not_before=authority.now, not_after=authority.now + 6 * certificates.DAY)
    server.reload()
    document = declared(server, files, "one", maintenanceWindows=SATURDAYS, warnBefore="28d")
    table = calendar([document])
    assert "default/one: The certificate lives 6d, but to be sure of a maintenance window" in table.stdout
    assert "default/one: rotation.warnBefore of 28d is too long for a certificate that lives 6d, so 2d" in table.stdout
