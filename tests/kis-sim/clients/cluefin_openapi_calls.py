"""cluefin-openapi, in TypeScript: every US-stock method, with a real account, and with a paper one where that differs.

cluefin-openapi/driver.ts points it at kis-sim. It takes KIS's own parameters and TR ids, and gives KIS's fields in camel case.
An rt_cd that says no is no error to it, and what is answered with a status of 5xx it sends three times more, orders too.
"""

from driver import Driver, holds, pairs
from harness import DAY_MARKET, PAPER, PRE_MARKET, REAL, SESSION_DAY, Calls, NoContent, clock, control, heard

calls = Calls(
    "cluefin-openapi",
    {
        "paper getStockNotConclusionHistory": ("EGW00213", "KIS", "paper has no list of open orders"),
        "real  websocket execution notification": ("Expected at least 25 fields", "client", "does not decrypt the notices"),
        **{
            f"{mode} requestStockReserveQuoteCorrection": (
                "예약주문접수일자",
                "client",
                "sends RSYN_ORD_RCIT_DT, a misprint in KIS's table; KIS's samples send RSVN_ORD_RCIT_DT",
            )
            for mode in ("real ", "paper")
        },
    },
)
driver = Driver()
FROM, TO, DAY = "20230501", "20230531", SESSION_DAY.replace("-", "")


class Account:
    def __init__(self, mode, credentials):
        self.mode = mode
        cano, product = credentials["account"].split("-")
        self.own = {"cano": cano, "acntPrdtCd": product}

    def ask(self, name, **given):
        answer = driver.ask(self.mode.strip(), name, **given)
        if str(answer.get("rtCd", "0")) != "0":
            raise NoContent(f"answered rt_cd {answer['rtCd']} {answer.get('msgCd')} {answer.get('msg1')}")
        return answer

    def call(self, name, wanted, arguments="", **more):
        """The method AREA.METHOD with "KEY=VALUE ..."; what comes after a blank in the name only tells calls apart."""
        given = pairs(arguments) | more
        if name.startswith("overseasAccount."):
            given |= self.own
        test = holds(wanted) if isinstance(wanted, str) else wanted
        short = name.split(".")[1] if name.startswith("overseas") else name
        return calls.call(f"{self.mode} {short}", lambda: self.ask(name.split()[0], **given), test, wanted)

    def account(self, name, *rest):
        return self.call(f"overseasAccount.{name}", *rest)

    def change(self, name, order, wanted, arguments):
        """A call about the order in an answer, when there was one; gives the answer."""
        if order is None:
            return calls.skip(f"{self.mode} {name}", "no order to try it on")
        return self.account(name, wanted, arguments.replace("NUMBER", order["output"]["oDNO"]))

    def login(self):
        self.call("auth.generate", "tokenType Bearer")
        self.call("auth.approve", "approvalKey *")

    def trade(self, ids):
        """What both environments have, by the TR ids of one."""
        us = "" if self.mode == "paper" else "NASD"
        present = "totAsstAmt >0" if self.mode == "paper" else "pdno AAPL"
        self.account("getStockBalance", "ovrsPdno AAPL", f"trId={ids['balance']} ovrsExcgCd=NASD trCrcyCd=USD")
        everything = f"trId={ids['present']} wcrcFrcrDvsnCd=02 natnCd=000 trMketCd=00 inqrDvsnCd=00"
        self.account("getCurrentBalanceByConclusion", present, everything)
        amount = f"trId={ids['psamount']} ovrsExcgCd=NASD ovrsOrdUnpr=170 itemCd=AAPL"
        self.account("getBuyTradableAmount", "ovrsOrdPsblAmt >0", amount)
        days = f"trId={ids['ccnl']} pdno= ordStrtDt={FROM} ordEndDt={TO} sllBuyDvsn=00 ccldNccsDvsn=00"
        self.account("getStockConclusionHistory", "pdno AAPL", f"{days} ovrsExcgCd={us} sortSqn=DS")
        self.account("getStockNotConclusionHistory", "pdno AAPL", "ovrsExcgCd=NASD sortSqn=DS")
        order = "ovrsExcgCd=NASD pdno=AAPL ordQty=2"
        buy, sell = f"trId={ids['buy']} {order} ordDvsn=00", f"trId={ids['sell']} {order} ordDvsn=00"
        bought = self.account("requestStockOrder buy", "oDNO number", f"{buy} ovrsOrdUnpr=150.00")
        self.account("requestStockOrder sell", "oDNO number", f"{sell} ovrsOrdUnpr=190.00")
        for name, code, price in (("modify", "01", "151.00"), ("cancel", "02", "0")):
            arguments = f"trId={ids['change']} {order} orgnOdno=NUMBER rvseCnclDvsnCd={code} ovrsOrdUnpr={price}"
            bought = self.change(f"requestStockQuoteCorrection {name}", bought, "oDNO number", arguments)

    def quotes(self):
        """The quotes that both hosts have."""
        self.call("overseasBasicQuote.getStockCurrentPriceConclusion", "last >0", AAPL)
        self.call("overseasBasicQuote.getStockPeriodQuote", "clos >0", f"{AAPL} gubn=0 bymd= modp=1")
        days = f"fidCondMrktDivCode=N fidInputIscd=AAPL fidInputDate1={FROM} fidInputDate2={TO} fidPeriodDivCode=D"
        self.call("overseasBasicQuote.getItemIndexExchangePeriodPrice", "ovrsNmixPrpr >0", days)

    def reserve(self, trId):
        """At hours when reservations are taken; gives the answer."""
        order = "pdno=AAPL prdtTypeCd=512 ovrsExcgCd=NASD ftOrdQty=1 ftOrdUnpr3=150.00 ordDvsn=00"
        return self.account("requestStockReserveQuote", "oDNO number", f"trId={trId} {order}")

    def take_back(self, reserved, trId):
        arguments = f"trId={trId} rsynOrdRcitDt=20230525 ovrsRsvnOdno=NUMBER"
        self.change("requestStockReserveQuoteCorrection", reserved, "oVRSRSVNODNO number", arguments)


AAPL = "auth= excd=NAS symb=AAPL"
real, paper = Account("real ", REAL), Account("paper", PAPER)

paper.login()
paper.quotes()
paper.trade(
    {
        "balance": "VTTS3012R",
        "present": "VTRP6504R",
        "psamount": "VTTS3007R",
        "ccnl": "VTTS3035R",
        "buy": "VTTT1002U",
        "sell": "VTTT1001U",
        "change": "VTTT1004U",
    }
)

real.login()
real.quotes()
real.trade(
    {
        "balance": "TTTS3012R",
        "present": "CTRP6504R",
        "psamount": "TTTS3007R",
        "ccnl": "TTTS3035R",
        "buy": "TTTT1002U",
        "sell": "TTTT1006U",
        "change": "TTTT1004U",
    }
)
real.account("getBalanceBySettlement", "pdno AAPL", f"bassDt={DAY} wcrcFrcrDvsnCd=02 inqrDvsnCd=00")
real.account("getMarginAggregate", "crcyCd USD")
real.account("getLimitOrderNumber", "odno *", f"tradDt={DAY}")
real.account("getLimitOrderExecutionHistory", "odno *", f"ordDt={DAY} odno=1")
for name, wanted, arguments in (
    ("getStockCurrentPriceDetail", "last >0", AAPL),
    ("getCurrentPriceFirstQuote", "pbid1 >0", AAPL),
    ("getConclusionTrend", "last >0", f"{AAPL} keyb= tday=1"),
    ("getStockMinuteChart", "last >0", f"{AAPL} nmin=5 pinc=1 next= nrec=20 fill= keyb="),
    ("getIndexMinuteChart", "optnPrpr >0", "fidCondMrktDivCode=N fidInputIscd=SPX fidHourClsCode=0 fidPwDataIncuYn=Y"),
    ("searchByCondition", "symb AAPL", "auth= excd=NAS coYnPricecur=1 coStPricecur=100 coEnPricecur=200"),
    ("getSettlementDate", "trNatnCd 840", f"tradDt={DAY} ctxAreaNk= ctxAreaFk="),
    ("getProductBaseInfo", "stdPdno *", "prdtTypeCd=512 pdno=AAPL"),
    ("getSectorPrice", "symb *", "keyb= auth= excd=NAS icod=010 volRang=0"),
    ("getSectorCodes", "icod *", "auth= excd=NAS"),
):
    real.call(f"overseasBasicQuote.{name}", wanted, arguments)

ranking = "keyb= auth= excd=NAS volRang=0"
for name, wanted, arguments in (
    ("getStockPriceFluctuation", "symb *", f"{ranking} gubn=0 minx=0"),
    ("getStockVolumeSurge", "symb *", f"{ranking} minx=0"),
    ("getStockBuyExecutionStrengthTop", "symb *", f"{ranking} nday=0"),
    ("getStockRiseDeclineRate", "symb *", f"{ranking} gubn=1 nday=0"),
    ("getStockNewHighLowPrice", "symb *", f"{ranking} gubn=1 gubn2=1 nday=0"),
    ("getStockTradingVolumeRank", "symb *", f"{ranking} nday=0 prc1= prc2="),
    ("getStockTradingAmountRank", "symb *", f"{ranking} nday=0 prc1= prc2="),
    ("getStockTradingIncreaseRateRank", "symb *", f"{ranking} nday=0"),
    ("getStockTradingTurnoverRateRank", "symb *", f"{ranking} nday=0"),
    ("getStockMarketCapRank", "symb *", ranking),
    (
        "getStockPeriodRightsInquiry",
        "pdno *",
        f"rghtTypeCd=%% inqrDvsnCd=02 inqrStrtDt={FROM} inqrEndDt={TO} pdno= prdtTypeCd= ctxAreaNk50= ctxAreaFk50=",
    ),
    ("getNewsAggregateTitle", "title *", "infoGb= classCd= nationCd=US exchangeCd= symb= dataDt= dataTm= cts="),
    ("getStockRightsAggregate", "caTitle *", "ncod=US symb=AAPL stYmd= edYmd="),
    (
        "getStockCollateralLoanEligible",
        "pdno *",
        "pdno=AAPL prdtTypeCd= inqrStrtDt= inqrEndDt= inqrDvsn= natnCd=840 inqrSqnDvsn=01 rtDvsnCd= rt= loanPsblYn= "
        "ctxAreaFk100= ctxAreaNk100=",
    ),
    (
        "getBreakingNewsTitle",
        "htsPbntTitlCntt *",
        "fidNewsOferEntpCode=0 fidCondMrktClsCode= fidInputIscd= fidTitlCntt= fidInputDate1= fidInputHour1= "
        "fidRankSortClsCode= fidInputSrno= fidCondScrDivCode=11801",
    ),
):
    real.call(f"overseasMarketAnalysis.{name}", wanted, arguments)

clock(DAY_MARKET)
order = "ovrsExcgCd=NASD pdno=AAPL ordQty=2"
early = real.account("requestOrderAfterDayTime", "oDNO number", f"trId=TTTS6036U {order} ordDvsn=00 ovrsOrdUnpr=150.00")
cancel = f"{order} orgnOdno=NUMBER rvseCnclDvsnCd=02 ovrsOrdUnpr=0"
real.change("cancelCorrectAfterDayTime", early, "oDNO number", cancel)
reserved = real.reserve("TTTT3014U")
listed = "trId=TTTT3039R inqrStrtDt=20230524 inqrEndDt=20230526 inqrDvsnCd=00 prdtTypeCd= ovrsExcgCd=NASD"
real.account("getReserveOrders", "pdno AAPL", listed)
real.take_back(reserved, "TTTT3017U")
paper.take_back(paper.reserve("VTTT3014U"), "VTTT3017U")

# Profits and transactions show from the day after.
clock(PRE_MARKET)
profit = f"natnCd= crcyCd=USD pdno= inqrStrtDt={FROM} inqrEndDt={TO} wcrcFrcrDvsnCd=01"
real.account("getPeriodProfitLoss", "ovrsPdno TSLA", f"ovrsExcgCd=NASD {profit}")
trades = f"erlmStrtDt={FROM} erlmEndDt={TO} pdno= sllBuyDvsnCd=00 loanDvsnCd="
real.account("getDailyTransactionHistory", "pdno TSLA", f"ovrsExcgCd=NASD {trades}")

clock("2023-05-25T13:45:00Z")
real.call("socket.listen", "subscriptions 2", "trade=DNASAAPL user=sim")


class Events:
    """The socket's last event of a kind, as often as it is looked for."""

    def __init__(self, tr_id):
        self.tr_id = tr_id

    def __iter__(self):
        event = driver.ask("real", "socket.event", trId=self.tr_id)
        return iter([] if event is None else [event])


calls.call("real  websocket execution", lambda: heard(Events("HDFSCNT0"), lambda told: told["symb"] == "AAPL"), bool, "a trade")
bought = {"account": "real", "symbol": "AAPL", "side": "buy", "quantity": 1, "limit_price": "1"}
notices = Events("H0GSCNI0")
calls.call(
    "real  websocket execution notification",
    lambda: control("POST", "/orders/foreign", bought) and heard(notices, lambda told: told["stckShrnIscd"] == "AAPL", 5),
    bool,
    "the order",
)
for account in (paper, real):
    account.call("auth.revoke", lambda answer: answer["revoked"])
calls.finish()
