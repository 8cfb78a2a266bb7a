"""As much of kis-trade's status as mojito2 can read: the account's worth and the quote on each of the three exchanges.

It has no overseas order list and no buying power, and its overseas balance first asks for dayornight, which kis-sim does
not serve.
"""

import os

import mojito


class Client(mojito.KoreaInvestment):
    def set_base_url(self, mock=True):
        self.base_url = os.environ["GATEWAY"]


key, secret, account = (os.environ[f"KIS_{name}"] for name in ("APP_KEY", "APP_SECRET", "ACCOUNT_NO"))
client = Client(key, secret, account, exchange="나스닥", mock=True)
for exchange in ("나스닥", "뉴욕", "아멕스"):
    client.exchange = exchange
    balance = client.fetch_present_balance()
    quote = client.fetch_price("AAPL")
    print(exchange, balance["output3"]["tot_asst_amt"], quote["output"]["last"])
