//! Why no answer came, and what to do about it. The libraries' own words are English; Korean leaves them to the log.

use crate::language::sentences;

sentences! {
    no_name(error: &str)
        "there is no DNS: the gateway's name has no address ({error})"
        "DNS에서 KIS 서버의 주소를 찾지 못했습니다"

    refused(error: &str)
        "the connection was refused: nothing listens there, or a firewall turns it away ({error})"
        "연결이 거부되었습니다. 그 주소에 서버가 없거나 방화벽이 막고 있습니다"

    no_way(error: &str)
        "this machine has no way to the gateway's address ({error})"
        "이 컴퓨터에서 KIS 서버의 주소로 가는 길이 없습니다"

    certificate(error: &str)
        "the gateway's certificate is not trusted, or not at the time of this machine's clock ({error})"
        "KIS 서버의 인증서를 믿을 수 없거나, 이 컴퓨터의 시각으로는 유효하지 않습니다"

    timed_out(milliseconds: u64, phase: &str)
        "timed out after {milliseconds} ms without an answer ({phase})"
        "{milliseconds}ms 동안 응답이 없었습니다"

    too_large(limit: u64)
        "the answer is larger than {limit} bytes"
        "응답이 {limit}바이트보다 큽니다"

    closed_early()
        "the gateway closed the connection before its answer was whole"
        "응답을 다 보내기 전에 서버가 연결을 끊었습니다"

    failed(error: &str)
        "{error}"
        "서버와 통신하지 못했습니다"

    header_twice(name: &str)
        "the header {name} came twice"
        "{name} 헤더가 두 번 왔습니다"

    two_lengths()
        "the answer states its length in two ways"
        "응답에 길이가 두 가지로 적혀 있습니다"

    check_name(host: &str)
        "check that this machine has a network and a name server: `getent hosts {host}`"
        "이 컴퓨터의 네트워크와 DNS 서버를 확인하세요: `getent hosts {host}`"

    check_firewall(host: &str, port: u32)
        "check [gateway] base_url, and that a firewall lets port {port} of {host} through"
        "[gateway] base_url을 확인하고, 방화벽이 {host}의 {port} 포트를 막지 않는지 확인하세요"

    check_network()
        "check this machine's network: `ip route`, cable, Wi-Fi, VPN"
        "이 컴퓨터의 네트워크를 확인하세요: `ip route`, 케이블, 와이파이, VPN"

    try_again(host: &str, port: u32)
        "try again; if this persists, a firewall drops port {port} of {host}, or KIS is in maintenance"
        "다시 시도하세요. 계속되면 방화벽이 {host}의 {port} 포트를 막고 있거나 KIS가 점검 중입니다"

    check_clock()
        "check this machine's clock first (`timedatectl`): a certificate is valid only for a certain time; then whether a proxy or a virus scanner sits between this machine and KIS"
        "먼저 이 컴퓨터의 시계를 확인하세요(`timedatectl`). 인증서는 정해진 기간에만 유효합니다. 그다음 이 컴퓨터와 KIS 사이에 프록시나 백신 프로그램이 있는지 확인하세요"
}
