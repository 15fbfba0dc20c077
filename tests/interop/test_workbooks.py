"""What `steward` writes for people, read by libraries that nobody here wrote."""

import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from processes import CITY
from test_ledger import post

KINDS = {"costs": "使用单位", "organizations": "单位名称", "heads": "单位", "zeros": "单位",
         "vehicles": "车牌号", "trips": "出车时间", "expenses": "票据号", "statements": "卡号"}


@pytest.fixture
def steward(tmp_path, issuer):
    """Runs the command line, in a folder of its own, with a token for the city."""
    (tmp_path / "token").write_text(issuer.token())

    def run(*arguments):
        binary = Path(os.environ["STEWARD_BINARIES"]) / "steward"
        environment = {**os.environ, "STEWARD_TOKEN_FILE": str(tmp_path / "token")}
        done = subprocess.run([binary, *arguments], cwd=tmp_path, env=environment, timeout=120,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return run


def converted(path):
    """The file goes through LibreOffice into a PDF, where that is installed."""
    if not shutil.which("soffice"):
        return
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", path.parent, path],
                   timeout=180, capture_output=True, check=True)
    assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_can_be_filled_in(steward, tmp_path, kind):
    steward("template", kind, "--output", "template.xlsx")
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    assert book.sheetnames[1:] == ["填表说明", "选项"]
    sheet = book.worksheets[0]
    headers = [cell for cell in sheet[2] if cell.value]
    assert "*" + KINDS[kind] in [header.value for header in headers]
    assert all(header.comment and "示例" in header.comment.text for header in headers)
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert bool(lists) == (kind != "heads")
    assert all("选项" in rule.formula1 for rule in lists)
    assert not any(cell.value for row in sheet.iter_rows(min_row=3) for cell in row)
    converted(tmp_path / "template.xlsx")


@pytest.fixture
def costs(caller, request_id):
    """Costs of two years, and the options of a report on them."""
    for year, amount_fen in ((2018, 300_00), (2019, 200_00)):
        post(caller(), request_id(), amount_fen=amount_fen, document=f"{year}-1",
             occurred_on=f"{year}-03-01")
    return ["--from", "2019-01", "--to", "2019-06", "--region", CITY[0], "--unit", "yuan"]


def test_a_report_is_a_workbook_that_calculates(steward, suite, tmp_path, costs):
    steward("report", *costs, "--format", "xlsx", "--server", suite.url("gateway"), "--output", "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    texts = {str(cell.value) for cell in cells}
    assert any("填报单位" in text for text in texts) and "合计" in texts
    for header in ("本期", "上年同期", "增减额"):
        assert any(header in text for text in texts), header
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert any("SUM" in formula for formula in formulas), formulas
    assert {200, 300} <= {cell.value for cell in cells if isinstance(cell.value, (int, float))}
    converted(tmp_path / "report.xlsx")


def test_a_report_is_a_page_of_its_own(steward, suite, tmp_path, costs):
    steward("report", *costs, "--format", "html", "--server", suite.url("gateway"), "--output", "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>") and "<svg" in page and "填报单位" in page
    assert not any(mark in page for mark in ("<script src", "<link", "@import")), "it needs nothing else"
