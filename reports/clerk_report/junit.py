"""``junit.xml``: the run for CI. A row is a suite; fail is a failure, unknown an error."""

import re
import xml.etree.ElementTree as ET  # only ever writes

from clerk_report.evidence import Evidence, Row, Run, Scenario, Verdict, worst

__all__ = ["render"]

# What XML 1.0 cannot carry, not even as a character reference.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run) -> bytes:
    """The run as a JUnit document; control characters that XML forbids are spelt out."""
    root = ET.Element("testsuites", {"name": "clerk-harness"})
    for row in run.rows or (Row("matrix", "unknown"),):
        _suite(root, run, row)
    suites = list(root)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{run.duration_s:.3f}")
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(root: ET.Element, run: Run, row: Row) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": _clean(row.row)})
    properties = ET.SubElement(suite, "properties")
    facts = {"target": run.target, "seed": str(run.seed), "run_id": run.run_id}
    for name, value in (facts | {"command": run.command}).items():
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    for scenario in row.scenarios:
        _case(suite, row, scenario)
    if row.verdict != "pass" and row.verdict != worst(s.verdict for s in row.scenarios):
        _extra_case(suite, row, "the row as a whole", "its own evidence is against it")
    elif not row.scenarios:
        _extra_case(suite, row, "(no scenario ran)", "no scenario ran, so nothing was proven")
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", "0")
    suite.set("time", f"{sum(scenario.duration_s for scenario in row.scenarios):.3f}")
    suite.set("timestamp", run.started_at.isoformat(timespec="seconds"))


def _case(suite: ET.Element, row: Row, scenario: Scenario) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "name": _clean(scenario.name),
            "classname": _clean(scenario.feature or row.row),
            "time": f"{scenario.duration_s:.3f}",
        },
    )
    lines = [_sentence(claim) for claim in scenario.evidence]
    if scenario.verdict == "pass":
        ET.SubElement(case, "system-out").text = _clean("\n".join(lines))
        return
    lines += [f"{s.keyword} {s.text}: {s.error}" for s in scenario.steps if s.error]
    _problem(case, scenario.verdict, scenario.reason or "no reason was given", lines)


def _extra_case(suite: ET.Element, row: Row, name: str, reason: str) -> None:
    case = ET.SubElement(
        suite, "testcase", {"name": name, "classname": _clean(row.row), "time": "0.000"}
    )
    _problem(case, row.verdict, reason, [_sentence(claim) for claim in row.evidence])


def _problem(case: ET.Element, verdict: Verdict, reason: str, lines: list[str]) -> None:
    tag, kind = ("failure", "fail") if verdict == "fail" else ("error", "unknown")
    problem = ET.SubElement(case, tag, {"type": kind, "message": _clean(reason)})
    problem.text = _clean("\n".join(lines))


def _sentence(claim: Evidence) -> str:
    law = f"{claim.oracle} " if claim.oracle else ""
    wanted = f" (expected {claim.expected})" if claim.expected else ""
    detail = f"\n    {claim.detail}" if claim.detail else ""
    return f"[{claim.verdict}] {law}{claim.claim}: {claim.observed}{wanted}{detail}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(lambda match: _spell(match[0]), text)


def _spell(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - one byte
