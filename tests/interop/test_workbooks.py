"""What `steward` writes for people, read by libraries that nobody here wrote."""

import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from steward.fleet.v1 import expense_pb2 as expenses
from steward.fleet.v1 import trip_pb2 as trips
from steward.fleet.v1 import vehicle_pb2 as vehicles
from steward.fleet.v1.expense_pb2_grpc import ExpenseServiceStub as Expenses
from steward.fleet.v1.trip_pb2_grpc import TripServiceStub as Trips
from steward.fleet.v1.vehicle_pb2_grpc import VehicleServiceStub as Vehicles

from processes import CITY
from test_ledger import YILING, post
from test_vehicle import vehicle

KINDS = {"costs": "使用单位", "organizations": "单位名称", "heads": "单位", "zeros": "单位",
         "vehicles": "车牌号", "grants": "核定编制数(辆)", "drivers": "姓名", "budgets": "预算金额(元)",
         "trips": "出车时间", "expenses": "票据号", "statements": "卡号"}
# What is written into the first row of a template.
FILLED = {
    "grants": [YILING, "应急保障用车", 3, date(2019, 1, 1), "宜车编〔2019〕1号", date(2018, 12, 20), None, "否"],
    "drivers": [YILING, "张师傅", "A1", "2028-05-01", "在岗"],
    "budgets": [YILING, "公务用车", "车辆燃油费", "2019", 120000.5, "宜财预〔2019〕1号"],
}


@pytest.fixture
def steward(tmp_path, issuer):
    """Runs the command line, in a folder of its own, with a token for the city."""
    (tmp_path / "token").write_text(issuer.token())

    def run(*arguments):
        binary = Path(os.environ["STEWARD_BINARIES"]) / "steward"
        environment = {**os.environ, "STEWARD_TOKEN_FILE": str(tmp_path / "token")}
        done = subprocess.run([binary, *arguments], cwd=tmp_path, env=environment, timeout=120,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
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


@pytest.mark.parametrize("kind", FILLED)
def test_a_filled_template_is_imported_once(steward, suite, tmp_path, kind):
    steward("template", kind, "--output", "filled.xlsx")
    book = openpyxl.load_workbook(tmp_path / "filled.xlsx")
    for column, value in enumerate(FILLED[kind], start=1):
        book.worksheets[0].cell(row=3, column=column, value=value)
    book.save(tmp_path / "filled.xlsx")
    arguments = ["import", kind, "filled.xlsx", "--server", suite.url("gateway")]
    assert "共1行:可以导入1行,重复0行,拒绝0行" in steward(*arguments, "--dry-run")
    assert "共1行:已导入1行,重复0行,拒绝0行" in steward(*arguments)
    assert "共1行:已导入0行,重复1行,拒绝0行" in steward(*arguments)


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


def at(text):
    """An instant of the bureau."""
    stamp = Timestamp()
    stamp.FromDatetime(datetime.fromisoformat(f"{text}+08:00"))
    return stamp


@pytest.fixture
def driven(caller, request_id):
    """Two vehicles of Yiling: one that went 150 km for 78.01 yuan, and one that was repaired for 100.05."""
    clerk = caller()
    made = []
    for plate in ("鄂EL0001", "鄂EL0002"):
        request = vehicles.CreateVehicleRequest(
            request_id=request_id(), vehicle=vehicle(organization=YILING, plate=plate, vin=""))
        made.append(clerk.call(Vehicles, "CreateVehicle", request).vehicle.id)
    trip = trips.Trip(
        organization=YILING, kind=trips.TRIP_KIND_ORDINARY, purpose="调研", destination="枝江", passengers=2,
        vehicle_id=made[0], depart_time=at("2019-05-06T08:00"), return_time=at("2019-05-06T18:00"),
        start_odometer_m=10_000_000, end_odometer_m=10_150_000)
    request = trips.ImportTripsRequest(request_id=request_id(), trips=[trip])
    trip = clerk.call(Trips, "ImportTrips", request).trips[0]

    def slip(place, kind, on, amount_fen, **more):
        return expenses.NewExpense(vehicle_id=made[place], kind=kind, occurred_on=on, amount_fen=amount_fen,
                                   document_no=f"L-{on}", **more)
    slips = [
        slip(0, expenses.EXPENSE_KIND_FUEL, "2019-05-06", 7_801, quantity=12_345, trip_id=trip.id),
        slip(1, expenses.EXPENSE_KIND_REPAIR, "2019-05-25", 10_005),
        # On the day after the last one of the list.
        slip(1, expenses.EXPENSE_KIND_TOLL_PARKING, "2019-05-26", 700)]
    request = expenses.RecordExpensesRequest(request_id=request_id(), expenses=slips)
    assert clerk.call(Expenses, "RecordExpenses", request).recorded_count == 3


def values(path, sheet, calculated):
    book = openpyxl.load_workbook(path, data_only=calculated)
    assert book.sheetnames == ["车辆", "行程"]
    return list(book[sheet].iter_rows(values_only=True))


def test_a_monthly_list_is_a_workbook(steward, suite, tmp_path, driven):
    path = tmp_path / "list.xlsx"
    steward("fleet", "list", "--organization", YILING, "--month", "2019-05", "--format", "xlsx",
            "--server", suite.url("gateway"), "--output", path.name)
    rows = values(path, "车辆", calculated=True)
    assert rows[0][0] == "公务用车使用情况公示表"
    assert "月份:2019-05(2019-04-26至2019-05-25)" in rows[1][0]
    assert rows[3] == (
        "车牌号", "车辆用途", "品牌型号", "出车次数", "行驶里程(公里)", "加油量(升)", "充电量(千瓦时)", "燃油费(元)",
        "充电费(元)", "维修保养(元)", "保险(元)", "路桥停车(元)", "其他(元)", "运行费合计(元)", "每公里费用(元)",
        "租赁费(元)", "购置费(元)")
    name = ("应急保障用车", "东风风神 A60")
    assert rows[4] == ("鄂EL0001", *name, 1, 150, 12.345, 0, 78.01, 0, 0, 0, 0, 0, 78.01, 0.52, 0, 0)
    assert rows[5] == ("鄂EL0002", *name, 0, "—", 0, 0, 0, 0, 100.05, 0, 0, 0, 100.05, "—", 0, 0)
    assert rows[6] == ("合计", None, None, 1, 150, 12.345, 0, 78.01, 0, 100.05, 0, 0, 0, 178.06, 0.52, 0, 0)
    # The sums are calculated; what is no sum is not.
    formulas = values(path, "车辆", calculated=False)[6]
    assert formulas[3:14] == tuple(f"=SUM({letter}5:{letter}6)" for letter in "DEFGHIJKLMN")
    assert formulas[14] == 0.52
    assert formulas[15:17] == tuple(f"=SUM({letter}5:{letter}6)" for letter in "PQ")
    rows = values(path, "行程", calculated=True)
    assert rows[4] == ("鄂EL0001", YILING, "2019-05-06 08:00", "2019-05-06 18:00", "调研", "枝江",
                       150, 12.345, 0, 78.01)
    assert rows[5] == ("合计", None, None, None, None, None, 150, 12.345, 0, 78.01)
    converted(path)
