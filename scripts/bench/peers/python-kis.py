"""kis-trade's status with python-kis: the day's orders, balance and quote on each of the three exchanges, buying power.

Balance and quotes go through its fetch(), the balance with its own type: its foreign_balance() sends a blank currency, which
kis-sim refuses, and its foreign_quote() wants the days of the year's high and low, which kis-sim leaves blank.
"""

import os
from datetime import date
from decimal import Decimal

import pykis.kis
from pykis import KisAuth, PyKis
from pykis.api.account.balance import KisForeignBalance
from pykis.api.account.daily_order import foreign_daily_orders
from pykis.api.account.orderable_amount import foreign_orderable_amount
from pykis.client.page import KisPage

pykis.kis.VIRTUAL_DOMAIN = os.environ["GATEWAY"]
pykis.kis.VIRTUAL_API_REQUEST_PER_SECOND = 1000
key, secret, account = (os.environ[f"KIS_{name}"] for name in ("APP_KEY", "APP_SECRET", "ACCOUNT_NO"))
# A real key is asked for too; nothing here uses it.
real, paper = (KisAuth("bench", key, secret, account, virtual) for virtual in (False, True))
client = PyKis(real, paper, keep_token=".", use_websocket=False)

day = date.fromisoformat(os.environ["DAY"])
orders = foreign_daily_orders(client, account, day, day, "US")
print([(order.order_number.number, order.executed_quantity) for order in orders.orders])
for exchange in ("NASD", "NYSE", "AMEX"):
    balance = client.fetch(
        "/uapi/overseas-stock/v1/trading/inquire-balance",
        api="VTTS3012R",
        params={"OVRS_EXCG_CD": exchange, "TR_CRCY_CD": "USD"},
        form=[client.primary, KisPage.first(200)],
        response_type=KisForeignBalance(client.primary, "US"),
    )
    print(exchange, [(stock.symbol, stock.quantity) for stock in balance.stocks])
for exchange in ("NAS", "NYS", "AMS"):
    quote = client.fetch(
        "/uapi/overseas-price/v1/quotations/price",
        api="HHDFS00000300",
        params={"AUTH": "", "EXCD": exchange, "SYMB": "AAPL"},
    )
    print(exchange, quote.output.last)
print(foreign_orderable_amount(client, account, "NASDAQ", "AAPL", Decimal("170.83")).amount)
