//! What is served, by the names that KIS gives it.

/// A served path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// 접근토큰발급(P).
    IssueToken,
    /// 접근토큰폐기(P).
    RevokeToken,
    /// Hashkey.
    Hashkey,
    /// 해외주식 현재체결가.
    Price,
    /// 해외주식 현재가상세.
    PriceDetail,
    /// 해외주식 기간별시세.
    DailyPrice,
    /// 해외주식 복수종목 시세조회.
    MultiPrice,
    /// 해외주식 잔고.
    Balance,
    /// 해외주식 체결기준현재잔고.
    PresentBalance,
    /// 해외주식 매수가능금액조회.
    BuyingPower,
    /// 해외주식 주문, 해외주식 미국주간주문.
    Order,
    /// 해외주식 정정취소주문, 해외주식 미국주간정정취소.
    Revision,
    /// 해외주식 미체결내역.
    OpenOrders,
    /// 해외주식 주문체결내역.
    OrderList,
    /// 실시간 (웹소켓) 접속키 발급.
    Approval,
    /// 해외주식 현재가 10호가.
    AskingPrice,
    /// 해외주식분봉조회.
    MinuteBars,
    /// 해외주식 상품기본정보.
    OverseasProduct,
    /// 상품기본조회.
    AnyProduct,
    /// 주식현재가 시세, of Korean stocks, of which there are none.
    KoreanPrice,
    /// 해외주식 종목/지수/환율기간별시세.
    Chart,
    /// 해외결제일자조회.
    SettlementDays,
    /// 해외주식 기간손익.
    PeriodProfit,
    /// 해외주식 일별거래내역.
    PeriodTransactions,
    /// 해외증거금 통화별조회.
    MoneyByCurrency,
    /// 해외주식 결제기준잔고.
    SettledBalance,
    /// 해외주식 예약주문접수.
    Reserve,
    /// 해외주식 예약주문접수취소.
    CancelReserved,
    /// 해외주식 예약주문조회.
    ReservedOrders,
    /// 해외주식 주야간원장구분조회, of the time before 2023.
    DayOrNight,
    /// A published path that is not simulated, with its example in JSON.
    Canned(&'static str),
}
