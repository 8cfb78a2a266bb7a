#!/usr/bin/env python3
# Buys for 500 USD at the close, on days when it is 1 % or more under yesterday's close.
import json, sys
from decimal import Decimal, ROUND_DOWN

ask = json.load(sys.stdin)
symbol = ask["settings"]["symbol"]
close = next(quote["previous_close"] for quote in ask["quotes"] if quote["symbol"] == symbol)
bought = (ask["state"] or {"buys": 0})["buys"]
bought += sum(fill["quantity"] for fill in ask["fills"] if fill["side"] == "buy")

orders = []
if close is not None:
    limit = (Decimal(close) * Decimal("0.99")).quantize(Decimal("0.01"), ROUND_DOWN)
    quantity = int(min(Decimal(500), Decimal(ask["money"]["spendable_usd"])) / limit)
    if quantity > 0:
        orders.append({"tag": "dip", "symbol": symbol, "side": "buy", "quantity": quantity,
                       "kind": "loc", "limit_price": str(limit), "note": "1 % under"})

json.dump({"protocol": 1, "orders": orders, "state": {"buys": bought}, "note": f"{bought} bought"}, sys.stdout)
