#!/usr/bin/env python3
# VAA-G4 (Keller and Keuning, 2017): all in the strongest of RISK, or of SAFE when one of RISK is not rising.
import json, sys
from decimal import Decimal as D, ROUND_DOWN

RISK, SAFE = ("SPY", "VEA", "VWO", "BND"), ("LQD", "IEF", "SHY")
ask = json.load(sys.stdin)
this_month = ask["clock"]["trading_date"][:7]

def score(symbol):
    p = list({date[:7]: D(close) for date, close in ask["closes"][symbol] if date[:7] < this_month}.values())[::-1]
    return 12 * p[0] / p[1] + 4 * p[0] / p[3] + 2 * p[0] / p[6] + p[0] / p[12] - 19

scores = {symbol: score(symbol) for symbol in RISK + SAFE}
pick = max(RISK if all(scores[symbol] > 0 for symbol in RISK) else SAFE, key=scores.get)
orders = [{"tag": "out-" + held["symbol"].lower(), "symbol": held["symbol"], "side": "sell",
           "quantity": held["sellable"], "kind": "moc"}
          for held in ask["positions"] if held["symbol"] != pick and held["sellable"] > 0]
limit = (D(ask["closes"][pick][-1][1]) * D("1.03")).quantize(D("0.01"), ROUND_DOWN)
quantity = int(D(ask["money"]["spendable_usd"]) / limit)
if not orders and quantity > 0:
    orders = [{"tag": "in", "symbol": pick, "side": "buy", "quantity": quantity, "kind": "loc",
               "limit_price": str(limit)}]
json.dump({"protocol": 1, "orders": orders, "state": None, "note": f"{pick} {100 * scores[pick]:.1f}"}, sys.stdout)
