#!/usr/bin/env python3
# Once a month back to its weights, selling on one day and buying on the next:
# settings = { weights = { SPY = "0.6", TLT = "0.4" } }
import json, sys
from decimal import Decimal as D, ROUND_DOWN

ask = json.load(sys.stdin)
month, step = ask["clock"]["trading_date"][:7], ask["state"]
weights = {symbol: D(weight) for symbol, weight in ask["settings"]["weights"].items()}
close = {quote["symbol"]: D(quote["previous_close"]) for quote in ask["quotes"] if quote["previous_close"]}
held = {position["symbol"]: position["quantity"] for position in ask["positions"]}

orders = []
if step != f"{month} done" and all(symbol in close for symbol in weights):
    total = D(ask["money"]["own_cash_usd"]) + sum(close[symbol] * held[symbol] for symbol in held)
    # 3 % stay aside, for the price may rise as far as the limit.
    change = {s: int(total * weight * D("0.97") / close[s]) - held.get(s, 0) for s, weight in weights.items()}
    is_selling = step != f"{month} sold" and min(change.values()) < 0
    for symbol, shares in ((s, n) for s, n in change.items() if (n < 0 if is_selling else n > 0)):
        limit = (close[symbol] * D("0.97" if is_selling else "1.02")).quantize(D("0.01"), ROUND_DOWN)
        orders.append({"tag": symbol.lower(), "symbol": symbol, "side": "sell" if is_selling else "buy",
                       "quantity": abs(shares), "kind": "loc", "limit_price": str(limit)})
    step = f"{month} sold" if is_selling else f"{month} done"
json.dump({"protocol": 1, "orders": orders, "state": step}, sys.stdout)
