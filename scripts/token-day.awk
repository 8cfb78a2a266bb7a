# Turns the lines of draw-token-day.sh into a picture: the life left in the token above, the runs of each command below.

function x(minute) { return 92 + minute * 840 / minutes }
function y(left) { return 300 - left * 240 / 1440 }
function text(px, py, class, words) { printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", px, py, class, words }
function level(hours, words) {
    printf "<path class=\"level\" d=\"M92 %.1fH932\"/>\n", y(hours * 60)
    text(928, y(hours * 60) - 5, "small end", words)
}

BEGIN {
    lanes = split("token-check status cleanup sell buy", lane, " ")
    for (i = 1; i <= lanes; i++) row[lane[i]] = 352 + 22 * i
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 540\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, sans-serif\" font-size=\"13\">"
    print "<title id=\"title\">What happens to the token in 36 hours</title>"
    print "<desc id=\"desc\">The life left in the access token falls from 24 hours. At 4 hours left it is due; KIS gives none for 50 minutes, every run goes on with the old token, then it is renewed. At 26 hours KIS refuses the token early, and the run that meets the refusal renews it.</desc>"
    print "<style>"
    print ":root { color-scheme: light dark; --ink: #1c2733; --soft: #5d6b7a; --rule: #d5dce3; --open: #eef3f8; --life: #1f6fb2; --bad: #b3261e; --good: #1b7f4d; --back: #ffffff }"
    print "@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa8b6; --rule: #33404d; --open: #18222c; --life: #6cb3ee; --bad: #ff8a80; --good: #5fd39b; --back: #0d1117 } }"
    print "text { fill: var(--ink) } .small { fill: var(--soft); font-size: 12px } .end { text-anchor: end } .mid { text-anchor: middle }"
    print ".back { fill: var(--back) } .open { fill: var(--open) } .rule { stroke: var(--rule); fill: none } .level { stroke: var(--soft); stroke-dasharray: 5 4; fill: none } .life { stroke: var(--life); stroke-width: 2.5; fill: none } .run { stroke: var(--life); stroke-width: 1.2 }"
    print ".issued { fill: var(--good); stroke: var(--back) } .failed, .refused { stroke: var(--bad); stroke-width: 2; fill: none }"
    print "</style>"
    print "<rect class=\"back\" width=\"960\" height=\"540\"/>"
    text(92, 26, "", "Life left in the token, as each run of the crontab saw it")
    for (open = 30; open < minutes; open += 1440) {
        printf "<rect class=\"open\" x=\"%.1f\" y=\"44\" width=\"%.1f\" height=\"446\"/>\n", x(open), x(open + 390) - x(open)
        text(x(open + 195), 344, "small mid", "New York open")
    }
    for (hours = 0; hours <= 24; hours += 4) {
        printf "<path class=\"rule\" d=\"M92 %.1fH932\"/>\n", y(hours * 60)
        text(84, y(hours * 60) + 4, "small end", hours " h")
    }
    level(4, "renewed from here")
    level(2, "warned from here")
    for (hours = 0; hours * 60 <= minutes; hours += 4) text(x(hours * 60), 322, "small mid", hours " h")
    for (i = 1; i <= lanes; i++) text(84, row[lane[i]] + 4, "small end", lane[i])
}

$1 == "run" {
    # A renewed token jumps up: the line breaks off and begins anew.
    life = life sprintf("%s%.1f %.1f", (NR == 1 || $4 > last) ? "M" : "L", x($2), y($4))
    before = last
    last = $4
    ticks = ticks sprintf("M%.1f %dv12", x($2), row[$3] - 6)
}
$1 == "issued" { n_issued++; issued[n_issued] = $2; top[n_issued] = last }
$1 == "failed" { n_failed++; failed[n_failed] = $2; bottom[n_failed] = last }
# The run that met the refusal shows the new token already; what was refused is what the run before it had.
$1 == "refused" { n_refused++; refused[n_refused] = $2; end[n_refused] = before }

END {
    printf "<path class=\"run\" d=\"%s\"/>\n<path class=\"life\" d=\"%s\"/>\n", ticks, life
    for (i = 1; i <= n_failed; i++)
        printf "<path class=\"failed\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>\n", x(failed[i]) - 4, y(bottom[i]) - 4
    for (i = 1; i <= n_refused; i++)
        printf "<path class=\"refused\" d=\"M%.1f %.1fl7 12h-14z\"/>\n", x(refused[i]), y(end[i]) - 7
    for (i = 1; i <= n_issued; i++)
        printf "<circle class=\"issued\" cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\"/>\n", x(issued[i]), y(top[i])
    printf "<circle class=\"issued\" cx=\"100\" cy=\"516\" r=\"5.5\"/>\n"
    text(112, 520, "small", "KIS issued a token (" n_issued ")")
    printf "<path class=\"failed\" d=\"M296 512l8 8m0 -8l-8 8\"/>\n"
    text(312, 520, "small", "KIS gave none; the run used the old one (" n_failed ")")
    printf "<path class=\"refused\" d=\"M606 510l7 12h-14z\"/>\n"
    text(620, 520, "small", "KIS refused the token; renewed in the same run (" n_refused ")")
    print "</svg>"
}
