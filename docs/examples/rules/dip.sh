#!/bin/sh
# The same as dip.py, with jq: prices are counted in cents, which floating point does exactly.
exec jq -c '
  def cents: tonumber * 100 | round;
  .settings.symbol as $symbol
  | (first(.quotes[] | select(.symbol == $symbol)).previous_close) as $close
  | ([.state.buys // 0, (.fills[] | select(.side == "buy").quantity)] | add) as $bought
  | (if $close then $close | cents * 99 / 100 | floor else 0 end) as $limit
  | ([50000, (.money.spendable_usd | cents)] | min) as $budget
  | (if $limit > 0 then $budget / $limit | floor else 0 end) as $quantity
  | ($limit % 100 + 100 | tostring[1:]) as $after_the_point
  | {protocol: 1,
     orders: (if $quantity > 0 then [{tag: "dip", symbol: $symbol, side: "buy", quantity: $quantity, kind: "loc",
       limit_price: "\($limit / 100 | floor).\($after_the_point)", note: "1 % under"}] else [] end),
     state: {buys: $bought}, note: "\($bought) bought"}'
