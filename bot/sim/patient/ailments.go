package patient

import "slices"

// Healthy is the name of the ailment that is none.
const Healthy = "healthy"

// The services that alerts are raised on, and the hosts that they name.
//
//	check        service     host                  title
//	health       shop-web    web-1.shop.example    Health check of web-1 failed: <what happened>
//	latency      shop-web    web-1.shop.example    API of web-1 is slow: <n> ms
//	disk         shop-db     db-1.shop.example     Disk of db-1 is nearly full: <n> %
//	replica      shop-db     db-2.shop.example     Replica db-2 is behind: <n> s
//	queue        shop-queue  queue-1.shop.example  Queue orders is stuck: <n> waiting
//	certificate  shop-edge   edge-1.shop.example   Certificate of www.shop.example ends in <n> days
//
// Every alert's details carry host, url (the probe's), address (host:port of
// the service), control (host:port of what restarts it, which answers whatever
// the service does), environment ("production"), check and value (a number).
// Its dedup key is <host>/<check>.
const (
	Web   = "shop-web"
	DB    = "shop-db"
	Queue = "shop-queue"
	Edge  = "shop-edge"
)

// ailment is one way to be ill and what heals it.
type ailment struct {
	Ailment
	heals []string // the paths that heal it
}

var ailments = []ailment{
	{Ailment{Healthy, "Everything works.", "", "", ""}, nil},
	{Ailment{"errors", "Answers every request with status 500.", Web, "Health check of web-1 failed: status 500", "/restart"}, []string{"/restart"}},
	{Ailment{"hangs", "Takes connections and requests, and never answers.", Web, "Health check of web-1 failed: no answer in time", "/restart"}, []string{"/restart"}},
	{Ailment{"refuses", "Its port is closed: connections are refused.", Web, "Health check of web-1 failed: connection refused", "/restart"}, []string{"/restart"}},
	{Ailment{"unreachable", "Swallows connection attempts, as an unplugged machine does.", Web, "Health check of web-1 failed: no connection in time", "/restart"}, []string{"/restart"}},
	{Ailment{"heals", "Answers 500 and gets well by itself after some seconds.", Web, "Health check of web-1 failed: status 500", "/restart"}, []string{"/restart"}},
	{Ailment{"stubborn", "Answers 500, and a restart does not help.", Web, "Health check of web-1 failed: status 500", ""}, nil},
	{Ailment{"slow", "Answers, but only after a second and a half.", Web, "API of web-1 is slow: 1500 ms", "/restart"}, []string{"/restart"}},
	{Ailment{"disk", "A log file has grown to 96 % of the disk's quota.", DB, "Disk of db-1 is nearly full: 96 %", "/cleanup"}, []string{"/cleanup"}},
	{Ailment{"replica", "The replica does not follow: it falls behind second by second.", DB, "Replica db-2 is behind: 300 s", "/resync"}, []string{"/resync", "/restart"}},
	{Ailment{"queue", "Nothing takes orders out of the queue: it grows.", Queue, "Queue orders is stuck: 1200 waiting", "/purge"}, []string{"/purge", "/restart"}},
	{Ailment{"certificate", "The certificate ends in three days.", Edge, "Certificate of www.shop.example ends in 3 days", "/renew"}, []string{"/renew"}},
}

// Recoveries are the paths that heal something.
var recoveries = []string{"/restart", "/cleanup", "/purge", "/resync", "/renew"}

// Ailments is the menu, healthy first.
func Ailments() []Ailment {
	var all []Ailment
	for _, a := range ailments {
		all = append(all, a.Ailment)
	}
	return all
}

func find(name string) (ailment, bool) {
	n := slices.IndexFunc(ailments, func(a ailment) bool { return a.Name == name })
	if n < 0 {
		return ailment{}, false
	}
	return ailments[n], true
}
