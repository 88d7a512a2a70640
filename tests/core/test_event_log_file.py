"""The event log as a file: XES that keeps to the rules of IEEE 1849-2016, CSV that no spreadsheet runs as formulas."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tracker.reports.event_log import write
from tracker.types import VN
from tracker.types.event_log import LogCase, LogEvent, Transition

XES = "{http://www.xes-standard.org/}"
AT = datetime(2022, 3, 4, 9, 30, tzinfo=VN)
# The rules of the standard that a document can be held against, in our words: what stands in what, in which order, of which type.
RULES = etree.XMLSchema(
    etree.fromstring("""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.xes-standard.org/"
    targetNamespace="http://www.xes-standard.org/" elementFormDefault="qualified">
<xs:complexType name="text"><xs:attribute name="key" type="xs:Name" use="required"/>
  <xs:attribute name="value" type="xs:string" use="required"/></xs:complexType>
<xs:complexType name="moment"><xs:attribute name="key" type="xs:Name" use="required"/>
  <xs:attribute name="value" type="xs:dateTime" use="required"/></xs:complexType>
<xs:complexType name="whole"><xs:attribute name="key" type="xs:Name" use="required"/>
  <xs:attribute name="value" type="xs:long" use="required"/></xs:complexType>
<xs:group name="attributes"><xs:sequence><xs:choice minOccurs="0" maxOccurs="unbounded">
  <xs:element name="string" type="text"/><xs:element name="date" type="moment"/><xs:element name="int" type="whole"/>
</xs:choice></xs:sequence></xs:group>
<xs:complexType name="event"><xs:group ref="attributes"/></xs:complexType>
<xs:complexType name="trace"><xs:sequence><xs:group ref="attributes"/>
  <xs:element name="event" type="event" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:complexType name="global"><xs:group ref="attributes"/><xs:attribute name="scope" type="xs:NCName" use="required"/></xs:complexType>
<xs:complexType name="classifier"><xs:attribute name="name" type="xs:NCName" use="required"/>
  <xs:attribute name="scope" type="xs:NCName"/><xs:attribute name="keys" type="xs:token" use="required"/></xs:complexType>
<xs:complexType name="extension"><xs:attribute name="name" type="xs:NCName" use="required"/>
  <xs:attribute name="prefix" type="xs:NCName" use="required"/><xs:attribute name="uri" type="xs:anyURI" use="required"/></xs:complexType>
<xs:element name="log"><xs:complexType><xs:sequence>
  <xs:element name="extension" type="extension" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="global" type="global" minOccurs="0" maxOccurs="2"/>
  <xs:element name="classifier" type="classifier" minOccurs="0" maxOccurs="unbounded"/>
  <xs:group ref="attributes"/>
  <xs:element name="trace" type="trace" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  <xs:attribute name="xes.version" type="xs:decimal" use="required"/><xs:attribute name="xes.features" type="xs:token"/>
</xs:complexType></xs:element></xs:schema>""")
)
# The transitions of the standard's lifecycle extension (model "standard").
TRANSITIONS = {
    "schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "pi_abort", "ate_abort", "complete",
    "autoskip", "manualskip", "unknown",
}  # fmt: skip


def case(*events: LogEvent, code: str = "H15.03-220301-0001", **given) -> LogCase:
    values = {
        "procedure_code": "1.090102", "procedure": "Thủ tục bịa", "field": "Đất đai", "unit": "Sở Bịa", "channel": "counter",
        "state": "finished_late", "received_at": AT, "due_at": AT, "ended_at": None, "late_minutes": 480,
    }  # fmt: skip
    return LogCase(code=code, events=events, **{**values, **given})


def event(**given) -> LogEvent:
    values = {
        "activity": "Chi nhánh",
        "transition": Transition.START,
        "resource": "Chi nhánh Bịa",
        "step_kind": "branch",
    }
    return LogEvent(AT, **{**values, **given})


def xes(folder: Path, *cases: LogCase) -> etree._Element:
    path = folder / "nhat-ky.xes"
    write(path, cases, "Nhật ký <bịa> & “thử”")
    root = etree.parse(path).getroot()
    RULES.assertValid(root)
    return root


def attributes(element: etree._Element) -> dict[str, str]:
    return {each.get("key"): each.get("value") for each in element if each.get("value") is not None}


def test_a_log_keeps_to_the_schema_and_says_what_it_holds(tmp_path: Path):
    root = xes(
        tmp_path, case(event(step_due=AT, instance="1"), event(transition=Transition.COMPLETE)), case()
    )
    assert root.tag == f"{XES}log"
    assert attributes(root)["concept:name"] == "Nhật ký <bịa> & “thử”"
    first, second = root.findall(f"{XES}trace")
    assert attributes(first)["concept:name"] == "H15.03-220301-0001"
    assert attributes(first)["late_minutes"] == "480"
    assert "ended" not in attributes(first)  # what is not known is left out
    assert attributes(first.find(f"{XES}event")) == {
        "concept:name": "Chi nhánh", "time:timestamp": "2022-03-04T09:30:00.000+07:00", "lifecycle:transition": "start",
        "org:resource": "Chi nhánh Bịa", "concept:instance": "1", "step_kind": "branch",
        "step_due": "2022-03-04T09:30:00.000+07:00",
    }  # fmt: skip
    assert second.findall(f"{XES}event") == []


def test_the_schema_of_the_test_refuses_what_the_standard_refuses(tmp_path: Path):
    root = xes(tmp_path, case(event()))
    for spoil in (
        lambda: root.find(f".//{XES}date").set("value", "04/03/2022"),
        lambda: root.insert(0, etree.SubElement(root, f"{XES}trace")),
        lambda: root.attrib.pop("xes.version"),
    ):
        spoil()
        assert not RULES.validate(root)


def test_what_is_declared_for_all_events_stands_at_every_event(tmp_path: Path):
    root = xes(tmp_path, case(event(resource=""), event(transition=Transition.ABORT)))
    declared = {each.get("scope"): set(attributes(each)) for each in root.findall(f"{XES}global")}
    found = [attributes(each) for each in root.iter(f"{XES}event")]
    assert all(declared["event"] <= set(each) for each in found)
    assert found[0]["org:resource"] == "UNKNOWN"
    assert all(declared["trace"] <= set(attributes(each)) for each in root.iter(f"{XES}trace"))
    for classifier in root.findall(f"{XES}classifier"):
        assert set(classifier.get("keys").split()) <= declared["event"]


def test_prefixes_are_those_of_declared_extensions_and_transitions_those_of_the_standard(tmp_path: Path):
    root = xes(tmp_path, case(*(event(transition=each, step_due=AT, instance="1") for each in Transition)))
    prefixes = {each.get("prefix") for each in root.findall(f"{XES}extension")}
    keys = {each.get("key") for each in root.iter() if each.get("key")}
    assert {key.partition(":")[0] for key in keys if ":" in key} <= prefixes
    used = {
        each.get("value") for each in root.iter(f"{XES}string") if each.get("key") == "lifecycle:transition"
    }
    assert used <= TRANSITIONS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_no_text_breaks_the_document(tmp_path: Path, texts: Sequence[str]):
    code, activity, resource, unit = (each.encode("utf-8", "replace").decode() for each in texts)
    root = xes(
        tmp_path, case(event(activity=activity or "x", resource=resource), code=code or "x", unit=unit)
    )
    found = root.find(f".//{XES}event/{XES}string")
    allowed = "".join(each if each in "\t\n\r" or each >= " " else "\ufffd" for each in activity or "x")
    assert found.get("value") == allowed.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def test_the_csv_has_a_line_for_each_event_and_runs_no_formula(tmp_path: Path):
    path = tmp_path / "nhat-ky.csv"
    cases = [case(event(), event(resource='=HYPERLINK("http://x")')), case(event(), code="+84")]
    assert write(path, cases, "") == 3
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["case:concept:name"] for row in rows] == ["H15.03-220301-0001"] * 2 + ["'+84"]
    assert rows[0]["time:timestamp"] == "2022-03-04T09:30:00.000+07:00"
    assert rows[1]["org:resource"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["case:late_minutes"] == "480"
