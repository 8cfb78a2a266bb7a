"""mojito2: what it has for US stocks, with a real and with a paper account.

Its cancel, modify and open-order calls know domestic orders only, and its websocket nothing but domestic symbols (its
key is asked for here). What a wrapper and the method behind it do alike is tried once.
"""

import os

import mojito
from harness import GATEWAY, PAPER, PRE_MARKET, REAL, SESSION_DAY, Calls, clock


# How a user points it at kis-sim: the constructor asks for a token at once, so the address has to stand before.
class Client(mojito.KoreaInvestment):
    def set_base_url(self, mock=True):
        self.base_url = GATEWAY


def client(credentials, mock):
    if os.path.exists("token.dat"):
        os.remove("token.dat")  # one file for every account: it would hand the other's token on
    return Client(credentials["key"], credentials["secret"], credentials["account"], exchange="나스닥", mock=mock)


def number(answer):
    return answer["output"]["ODNO"].isdigit()


calls = Calls(
    "mojito2",
    {
        "real  create_market_buy_order": (
            "APBK1507",
            "client",
            "sends a limit order with price 0; there is no market order for US stocks",
        ),
        "real  create_market_sell_order": (
            "APBK1507",
            "client",
            "sends a limit order with price 0; there is no market order for US stocks",
        ),
        "paper create_limit_sell_order": ("매도", "client", "sends the TR id of a buy: this bought"),
    },
)
day = SESSION_DAY.replace("-", "")
for mode, credentials in (("real ", REAL), ("paper", PAPER)):
    mock = mode == "paper"
    broker = calls.call(
        f"{mode} issue_access_token", lambda: client(credentials, mock), lambda b: b.access_token.startswith("Bearer ")
    )
    if broker is None:
        continue
    call = lambda name, *rest: calls.call(f"{mode} {name}", *rest)
    call("fetch_price", lambda: broker.fetch_price("AAPL"), lambda a: float(a["output"]["last"]) > 0, "a price")
    call(
        "fetch_ohlcv D",
        lambda: broker.fetch_ohlcv("AAPL", "D", end_day=day),
        lambda a: float(a["output2"][0]["clos"]) > 0,
        "bars",
    )
    call("fetch_balance", broker.fetch_balance, lambda a: "AAPL" in [row["ovrs_pdno"] for row in a["output1"]], "the holding")
    call(
        "fetch_present_balance",
        broker.fetch_present_balance,
        lambda a: float(a["output3"]["tot_asst_amt"]) > 0,
        "the account's worth",
    )
    call("create_limit_buy_order", lambda: broker.create_limit_buy_order("AAPL", "150.00", 1), number, "an order number")
    sold = lambda a: number(a) and (not mock or "매도" in a["msg1"])
    call("create_limit_sell_order", lambda: broker.create_limit_sell_order("AAPL", "190.00", 1), sold, "a sell (매도)")
    if mock:
        continue
    websocket = mojito.KoreaInvestmentWS(credentials["key"], credentials["secret"], [], [])
    websocket.base_url = GATEWAY
    call("KoreaInvestmentWS.get_approval", websocket.get_approval, lambda key: len(key) > 0, "a key")
    call("issue_hashkey", lambda: broker.issue_hashkey({"CANO": "60000001", "PDNO": "AAPL"}), lambda h: len(h) > 0, "a hash")
    for frame in ("W", "M"):
        call(
            f"fetch_ohlcv {frame}",
            lambda: broker.fetch_ohlcv("AAPL", frame, end_day=day),
            lambda a: float(a["output2"][0]["clos"]) > 0,
            "bars",
        )
    call("fetch_oversea_day_night", broker.fetch_oversea_day_night, lambda a: a["output"]["PSBL_YN"] in "YN", "PSBL_YN")
    call("create_market_buy_order", lambda: broker.create_market_buy_order("MSFT", 1), number, "an order number")
    call("create_market_sell_order", lambda: broker.create_market_sell_order("MSFT", 1), number, "an order number")
    call(
        "create_oversea_order LOC",
        lambda: broker.create_oversea_order("buy", "AMZN", "100.00", 1, "LOC"),
        number,
        "an order number",
    )
    call(
        "create_oversea_order MOC",
        lambda: broker.create_oversea_order("sell", "GOOGL", "0", 1, "MOC"),
        number,
        "an order number",
    )
    clock(PRE_MARKET)
    call(
        "create_oversea_order LOO",
        lambda: broker.create_oversea_order("buy", "META", "200.00", 1, "LOO"),
        number,
        "an order number",
    )
    call(
        "create_oversea_order MOO",
        lambda: broker.create_oversea_order("sell", "TSLA", "0", 1, "MOO"),
        number,
        "an order number",
    )
    clock("2023-05-25T14:30:00Z")
calls.finish()
