package scenarios

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// hostList is where a host that an alert names may lie: names and globs,
// single addresses, networks.
type hostList struct {
	names     []string
	addresses []netip.Addr
	networks  []netip.Prefix
}

func (h hostList) empty() bool {
	return len(h.names) == 0 && len(h.addresses) == 0 && len(h.networks) == 0
}

// hosts reads a list of hosts.
func (r *reader) hosts(n *yaml.Node, what string) (hostList, []string) {
	var h hostList
	words := r.words(n, what)
	nodes := r.list(n, what)
	for i, w := range words {
		at := n
		if len(words) == len(nodes) {
			at = nodes[i]
		}
		if why := h.add(w); why != "" {
			r.fail(at, "list names (web-1.shop.example), globs (web-*.shop.example), addresses or networks (10.1.0.0/16)", "%s: %s %s", what, clip(w, 60), why)
		}
	}
	return h, words
}

func (h *hostList) add(w string) string {
	if p, err := netip.ParsePrefix(w); err == nil {
		if p.Addr().Is4In6() {
			return "is an IPv4 network written as IPv6: no address lies in it; write the IPv4 one"
		}
		if p.Masked() != p {
			return "has bits beyond its length; did you mean " + p.Masked().String() + "?"
		}
		h.networks = append(h.networks, p)
		return ""
	}
	if a, err := netip.ParseAddr(strings.Trim(w, "[]")); err == nil {
		if a.Zone() != "" {
			return "has a zone"
		}
		h.addresses = append(h.addresses, a.Unmap())
		return ""
	}
	switch _, err := path.Match(w, "x"); {
	case strings.Contains(w, "://"):
		return "is a URL, only its host belongs here"
	case strings.ContainsAny(w, "/:@ \\"):
		return "is no host"
	case err != nil:
		return "is no glob"
	case strings.Trim(w, "*.?") == "":
		return "would let every host in"
	case strings.Trim(w, "0123456789.*?") == "":
		return "is neither an address nor a network, and globs are for names"
	}
	h.names = append(h.names, strings.ToLower(strings.TrimSuffix(w, ".")))
	return ""
}

// allowsHost reports whether an alert may name this host at all. Where the
// answer depends on its address, allowsAddress decides.
func (h hostList) allowsHost(host string) error {
	if a, err := netip.ParseAddr(host); err == nil {
		return h.allowsLiteral(a)
	}
	if !isHostName(host) {
		return fmt.Errorf("%s is no host name", clip(host, 60))
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	for _, pattern := range h.names {
		if globMatch(pattern, name) {
			return nil
		}
	}
	if len(h.names) == 0 && len(h.networks) > 0 {
		return nil
	}
	return fmt.Errorf("the host %s is not in hosts", clip(host, 60))
}

func (h hostList) allowsLiteral(a netip.Addr) error {
	if a.Zone() != "" {
		return errors.New("an address with a zone is not in hosts")
	}
	a = a.Unmap()
	for _, one := range h.addresses {
		if one == a {
			return nil
		}
	}
	if h.inNetworks(a) {
		return h.allowsSpecial(a)
	}
	return fmt.Errorf("the address %s is not in hosts", a)
}

// allowsAddress decides on the address that a listed host turned out to have.
func (h hostList) allowsAddress(a netip.Addr) error {
	a = a.Unmap()
	for _, one := range h.addresses {
		if one == a {
			return nil
		}
	}
	if len(h.networks) > 0 && !h.inNetworks(a) {
		return fmt.Errorf("the address %s lies in no network of hosts", a)
	}
	return h.allowsSpecial(a)
}

func (h hostList) inNetworks(a netip.Addr) bool {
	for _, p := range h.networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// allowsSpecial refuses loopback, link-local and metadata addresses unless a
// network that holds nothing else lists them: neither 0.0.0.0/0 does, nor all
// of NAT64.
func (h hostList) allowsSpecial(a netip.Addr) error {
	if !special(a) {
		return nil
	}
	for _, p := range h.networks {
		within := func(s netip.Prefix) bool { return s.Bits() <= p.Bits() && s.Contains(p.Addr()) }
		if p.Contains(a) && slices.ContainsFunc(specials, within) {
			return nil
		}
	}
	return fmt.Errorf("the address %s is loopback, link-local or a metadata service, and hosts does not list it", a)
}

// embedding are the prefixes of IPv6 addresses that carry an IPv4 address, and
// the byte at which it begins there.
var embedding = map[netip.Prefix]int{
	netip.MustParsePrefix("::/96"):           12,
	netip.MustParsePrefix("::ffff:0:0:0/96"): 12, // SIIT
	netip.MustParsePrefix("64:ff9b::/96"):    12, // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"):  12, // NAT64 of one's own, as far as it is a /96
	netip.MustParsePrefix("2002::/16"):       2,  // 6to4
}

// specials are the networks of which every address is special.
var specials = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("224.0.0.0/4"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
	// The metadata services of Amazon, Google, Scaleway, Alibaba, Azure and Oracle.
	netip.MustParsePrefix("fd00:ec2::254/128"), netip.MustParsePrefix("fd20:ce::254/128"), netip.MustParsePrefix("fd00:42::42/128"),
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.0.0.192/32"),
}

func special(a netip.Addr) bool {
	b := a.As16()
	for p, at := range embedding {
		if p.Contains(a) && a.Is6() && !a.IsLoopback() && !a.IsUnspecified() {
			a = netip.AddrFrom4([4]byte(b[at : at+4]))
		}
	}
	return slices.ContainsFunc(specials, func(p netip.Prefix) bool { return p.Contains(a.WithZone("")) })
}

// globMatch is path.Match for host names, in which * and ? never match a dot.
func globMatch(pattern, name string) bool {
	p, n := strings.Split(pattern, "."), strings.Split(name, ".")
	if len(p) != len(n) {
		return false
	}
	for i := range p {
		if ok, err := path.Match(p[i], n[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// isHost reports whether s is a host name or an address.
func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || isHostName(s)
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func isHostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, r := range s {
		if r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, ".")
}
