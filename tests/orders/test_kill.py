"""An import that is killed with SIGKILL, twice, and run again ends as if it had run once."""

import os
import signal
import time

import pytest

from tests.sandbox import Sandbox

ORDERS, LINES = 6000, 3


CONTENT = (
    "SELECT o.external_id, a.code, o.order_date, o.total_amount, l.position, p.code, l.amount FROM orders_order o "
    "JOIN accounts_account a ON a.id = o.account_id JOIN orders_orderline l ON l.order_id = o.id "
    "JOIN orders_product p ON p.id = l.product_id ORDER BY 1, 5",
    "SELECT a.code, f.month, f.net_amount FROM orders_monthlyrevenue f JOIN accounts_account a ON a.id = f.account_id "
    "ORDER BY 1, 2",
    "SELECT a.code, s.last_order_date, s.revenue_12m_amount FROM accounts_accountsummary s JOIN accounts_account a "
    "ON a.id = s.account_id ORDER BY 1",
    "SELECT action, COUNT(*) FROM audit_auditentry GROUP BY 1 ORDER BY 1",
)


def check_adds_up(sandbox: Sandbox) -> None:
    """At any moment: orders have all their lines, facts say what the lines say, every order has its entry."""
    [(orders, lines, facts, amounts)] = sandbox.rows(
        "SELECT (SELECT COUNT(*) FROM orders_order), (SELECT COUNT(*) FROM orders_orderline), "
        "(SELECT ROUND(SUM(net_amount), 2) FROM orders_monthlyrevenue), "
        "(SELECT ROUND(SUM(amount), 2) FROM orders_orderline)"
    )
    assert int(lines) == LINES * int(orders)
    assert facts == amounts
    assert sandbox.rows("SELECT COUNT(*) FROM audit_auditentry WHERE action = 'order.imported'") == [(orders,)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.server
def test_killed_half_way_and_run_again_nothing_is_lost_or_doubled(tmp_path):
    path = tmp_path / "orders.csv"
    lines = ((order, line) for order in range(ORDERS) for line in range(LINES))
    rows = (f"SO-{n},K{n % 7},2026-0{1 + n % 3}-05,P{line},1,{n % 9}.5\n" for n, line in lines)
    path.write_text("order,account,date,product,quantity,unit price\n" + "".join(rows))
    importing = ("import_orders", str(path), "--currency", "CNY", "--create-accounts", "--batch", "50")
    killed, whole = Sandbox(tmp_path, "killed"), Sandbox(tmp_path, "whole")
    try:
        for goal in (200, ORDERS // 3):
            kill_when(killed, killed.start(*importing), goal)
            check_adds_up(killed)
        for sandbox in (killed, whole):
            assert sandbox.start(*importing).wait() == 0
            check_adds_up(sandbox)
        for query in CONTENT:
            assert killed.rows(query) == whole.rows(query)
        entries = killed.rows("SELECT COUNT(*) FROM audit_auditentry")
        assert killed.start(*importing).wait() == 0
        assert killed.rows("SELECT COUNT(*) FROM audit_auditentry") == entries
    finally:
        killed.close()
        whole.close()


def kill_when(sandbox, process, orders):
    """SIGKILL the import as soon as it has written so many orders; some must be left to do."""
    count = "SELECT COUNT(*) FROM orders_order"
    while process.poll() is None and int(sandbox.rows(count)[0][0]) < orders:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert orders <= int(sandbox.rows(count)[0][0]) < ORDERS
