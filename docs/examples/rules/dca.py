#!/usr/bin/env python3
# Buys for a fixed sum on every n-th trading day: settings = { symbol = "SPY", usd = 300, every = 5 }
import json, sys
from decimal import Decimal, ROUND_DOWN

ask = json.load(sys.stdin)
symbol, usd, every = (ask["settings"][key] for key in ("symbol", "usd", "every"))
today, last = ask["clock"]["session_no"], ask["state"]
close = next(quote["previous_close"] for quote in ask["quotes"] if quote["symbol"] == symbol)

orders = []
if close is not None and (last is None or today - last >= every):
    # The order fills at the close; the limit 3 % above yesterday's is only the most that it may cost.
    limit = (Decimal(close) * Decimal("1.03")).quantize(Decimal("0.01"), ROUND_DOWN)
    quantity = int(min(Decimal(usd), Decimal(ask["money"]["spendable_usd"])) / limit)
    if quantity > 0:
        orders = [{"tag": "dca", "symbol": symbol, "side": "buy", "quantity": quantity,
                   "kind": "loc", "limit_price": str(limit)}]
        last = today

json.dump({"protocol": 1, "orders": orders, "state": last}, sys.stdout)
