"""python-kis: what it has for US stocks, with a real account, and with a paper one where that makes other requests.

Left out: the account's calls without a country, which ask about Korean stocks first. What wrappers of one function do alike is
tried once.
"""

from datetime import date, time, timedelta
from decimal import Decimal

import pykis.client.websocket
import pykis.kis
from harness import DAY_MARKET, GATEWAY, PAPER, PRE_MARKET, REAL, SESSION_DAY, Calls, clock, control, heard
from pykis import KisAuth, PyKis, logging
from pykis.api.auth.websocket import websocket_approval_key
from pykis.scope.stock import KisStockScope

# How a user points it at kis-sim.
pykis.kis.REAL_DOMAIN = GATEWAY
pykis.kis.VIRTUAL_DOMAIN = GATEWAY
for domain in ("WEBSOCKET_REAL_DOMAIN", "WEBSOCKET_VIRTUAL_DOMAIN"):
    setattr(pykis.client.websocket, domain, GATEWAY.replace("http", "ws"))

# It keeps to two requests a second on paper, and says so each time.
logging.setLevel("ERROR")

real_auth, paper_auth = (
    KisAuth(id="sim", account=c["account"], appkey=c["key"], secretkey=c["secret"], virtual=c is PAPER) for c in (REAL, PAPER)
)


calls = Calls(
    "python-kis",
    {
        "real  stock.buy without a quantity": ("domestic-stock", "client", "asks the buying power for Korean stocks"),
        "paper account.pending_orders(US)": ("90000000", "KIS", "paper has no list of open orders"),
        "paper account.profits(US)": ("NotImplementedError", "client", "does not offer it on paper"),
        "paper stock.orderbook": ("inquire-asking-price", "KIS", "asks the paper host, which has no order book"),
        "paper account.modify": (
            "90000000",
            "KIS",
            "looks the order up in paper's list of open orders, which there is none of",
        ),
    },
)
day = date.fromisoformat(SESSION_DAY)
before = day - timedelta(days=30)


def ordered(order):
    return order.number.isdigit() and order.branch.isdigit()


def bars(chart):
    return len(chart.bars) > 0 and all(bar.close > 0 for bar in chart.bars)


def listed(orders):
    return "AAPL" in [order.symbol for order in orders.orders]


def tried(name, order, run, holds=ordered, what="an order number"):
    """A call about an order, when that could be placed."""
    if order is None:
        return calls.skip(name, "no order to try it on")
    return calls.call(name, lambda: run(order), holds, what)


# A real account.
kis = PyKis(real_auth, use_websocket=False)
call = lambda name, *rest: calls.call(f"real  {name}", *rest)
call("token", lambda: kis.token, lambda t: t.token and t.type == "Bearer", "a token")
call("websocket_approval_key", lambda: websocket_approval_key(kis, "real"), lambda k: k.approval_key, "a key")
call("stock(NASDAQ)", lambda: kis.stock("AAPL", "NASDAQ"), lambda s: s.market == "NASDAQ", "the market")
call("stock(US)", lambda: kis.stock("MSFT", "US"), lambda s: s.market == "NASDAQ", "the market")
call("stock() without a market", lambda: kis.stock("TSLA"), lambda s: s.market == "NASDAQ", "the market")
# The stock's own calls, also when its description cannot be had.
stock = lambda symbol: KisStockScope(kis=kis, market="NASDAQ", symbol=symbol, account=kis.primary)
aapl, account = stock("AAPL"), kis.account()
call("stock.info", lambda: aapl.info, lambda i: i.name and i.std_code and i.market == "NASDAQ", "name, code and market")
call("stock.quote", aapl.quote, lambda q: q.price > 0 and q.prev_price > 0 and q.indicator.week52_high > 0, "prices")
call("stock.orderbook", aapl.orderbook, lambda b: b.bids[0].price <= b.asks[0].price and b.count == 10, "ten levels")
call(
    "trading_hours(US)",
    lambda: kis.trading_hours("US"),
    lambda h: h.open == time(9, 30) and h.close == time(16),
    "09:30 to 16:00",
)
call("stock.daily_chart", lambda: aapl.daily_chart(before, day), bars, "bars")
call("stock.daily_chart, all there is", lambda: aapl.daily_chart(), bars, "bars")
for period in ("week", "month", "year"):
    call(f"stock.chart {period}", lambda: aapl.chart(start=day - timedelta(days=400), end=day, period=period), bars, "bars")
call("stock.day_chart", aapl.day_chart, bars, "bars")

call(
    "account.balance(US)",
    lambda: account.balance("US"),
    lambda b: b.stock("AAPL").quantity == 100 and b.deposits["USD"].amount > 0,
    "holding and cash",
)
call("stock.quantity", lambda: aapl.quantity, lambda q: q == 100, "100 shares")
call("stock.orderable", lambda: aapl.orderable, lambda q: q == 100, "100 shares")
call(
    "account.orderable_amount",
    lambda: account.orderable_amount("NASDAQ", "AAPL", Decimal("170")),
    lambda o: o.amount > 0 and o.qty > 0,
    "an amount",
)
call("stock.orderable_amount", lambda: aapl.orderable_amount(), lambda o: o.amount > 0 and o.qty > 0, "an amount")
call("account.pending_orders(US)", lambda: account.pending_orders("US"), listed, "the open order")
call("stock.pending_orders", aapl.pending_orders, listed, "the open order")
call("account.daily_orders(US)", lambda: account.daily_orders(before, day, "US"), listed, "the order")

buy = call("account.buy", lambda: account.buy("NASDAQ", "AAPL", Decimal("150"), 2), ordered, "an order number")
call("account.sell", lambda: account.sell("NASDAQ", "AAPL", Decimal("190"), 2), ordered, "an order number")
tried("real  order.pending", buy, lambda order: order.pending, bool, "the order in the list")
tried("real  account.modify", buy, lambda order: account.modify(order, price=Decimal("151")))
other = call("stock.buy", lambda: stock("AMZN").buy(Decimal("101"), 1), ordered, "an order number")
tried("real  order.cancel", other, lambda order: order.cancel())
call("stock.sell", lambda: stock("AMZN").sell(Decimal("140"), 1), ordered, "an order number")
# Its market order is a limit at 150 % or 50 % of the price: of 301.01 with a fraction of a cent, of 300 as 4.5E+2.
for symbol in ("NVDA", "MSFT"):
    control("POST", "/prices", {"symbol": symbol, "last": "302.00"})
call("stock.buy at the market", lambda: stock("NVDA").buy(qty=1), ordered, "an order number")
call("stock.sell at the market", lambda: stock("MSFT").sell(qty=1), ordered, "an order number")
call("stock.buy without a quantity", lambda: stock("NVDA").buy(Decimal("200")), ordered, "an order number")
call("stock.sell without a quantity", lambda: stock("META").sell(Decimal("300")), ordered, "an order number")
call("stock.buy LOC", lambda: stock("GOOGL").buy(Decimal("100"), 1, condition="LOC"), ordered, "an order number")
call("stock.sell MOC", lambda: stock("TSLA").sell(None, 1, condition="MOC"), ordered, "an order number")

# It reads the notices of before 2025, which had fewer fields.
control("POST", "/quirks", {"short_notices": True})
live = PyKis(real_auth, keep_token=False)
prices, executions = [], []
watched = KisStockScope(kis=live, market="NASDAQ", symbol="AAPL", account=live.primary)
tickets = [
    watched.on("price", lambda _, event: prices.append(event.response)),
    live.account().on("execution", lambda _, event: executions.append(event.response)),
]
call("websocket price", lambda: heard(prices, lambda price: price.symbol == "AAPL" and price.price > 0), bool, "a trade")
call(
    "websocket execution",
    lambda: watched.buy(Decimal("180"), 1) and heard(executions, lambda told: told.executed_quantity == 1),
    bool,
    "the fill",
)
live.websocket.disconnect()

clock(DAY_MARKET)
call("stock.quote extended", lambda: aapl.quote(extended=True), lambda q: q.price > 0, "a price")
call(
    "stock.orderbook extended", lambda: aapl.orderbook("extended"), lambda b: b.bids[0].price <= b.asks[0].price, "bid and ask"
)
early = call("stock.buy extended", lambda: aapl.buy(Decimal("150"), 2, condition="extended"), ordered, "an order number")
call("stock.sell extended", lambda: aapl.sell(Decimal("190"), 2, condition="extended"), ordered, "an order number")
early = tried("real  account.modify extended", early, lambda order: account.modify(order, price=Decimal("151")))
tried("real  order.cancel extended", early, lambda order: order.cancel())
clock(PRE_MARKET)
# Realized profit shows from the day after.
after = day + timedelta(days=1)
profits = call("account.profits(US)", lambda: account.profits(before, after, "US"), lambda p: len(p.orders) > 0, "the sale")
tried("real  profits.fees", profits, lambda p: p.fees, lambda fees: fees >= 0, "an amount")
call("stock.buy LOO", lambda: stock("GOOGL").buy(Decimal("100"), 1, condition="LOO"), ordered, "an order number")
call("stock.sell MOO", lambda: stock("TSLA").sell(None, 1, condition="MOO"), ordered, "an order number")
call("discard", lambda: kis.discard(), lambda _: kis._token is None)

# A paper account: quotes and charts still go out with the real key.
clock("2023-05-25T14:30:00Z")
kis = PyKis(real_auth, paper_auth, use_websocket=False)
account = kis.account()
aapl = stock("AAPL")
call = lambda name, *rest: calls.call(f"paper {name}", *rest)
call("primary_token", lambda: kis.primary_token, lambda t: t.token and t.type == "Bearer", "a token")
call("websocket_approval_key", lambda: websocket_approval_key(kis, "virtual"), lambda k: k.approval_key, "a key")
call("stock.orderbook", aapl.orderbook, lambda b: b.bids[0].price <= b.asks[0].price, "bid and ask")
call("account.balance(US)", lambda: account.balance("US"), lambda b: b.stock("AAPL").quantity == 100, "the holding")
call(
    "account.orderable_amount",
    lambda: account.orderable_amount("NASDAQ", "AAPL", Decimal("170")),
    lambda o: o.amount > 0,
    "an amount",
)
call("account.pending_orders(US)", lambda: account.pending_orders("US"), listed, "the open order")
call("account.daily_orders(US)", lambda: account.daily_orders(before, after, "US"), listed, "the order")
call("account.profits(US)", lambda: account.profits(before, after, "US"), lambda p: len(p.orders) > 0, "the sale")
buy = call("account.buy", lambda: account.buy("NASDAQ", "AAPL", Decimal("150"), 2), ordered, "an order number")
call("account.sell", lambda: account.sell("NASDAQ", "AAPL", Decimal("190"), 2), ordered, "an order number")
tried("paper account.modify", buy, lambda order: account.modify(order, price=Decimal("151")))
tried("paper account.cancel", buy, account.cancel)
call("discard", lambda: kis.discard(), lambda _: kis._virtual_token is None)
calls.finish()
