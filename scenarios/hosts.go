package scenarios

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
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
// network that is about them alone lists them: 0.0.0.0/0 does not.
func (h hostList) allowsSpecial(a netip.Addr) error {
	if !special(a) {
		return nil
	}
	for _, p := range h.networks {
		if p.Bits() >= 8 && p.Contains(a) && special(p.Addr()) {
			return nil
		}
	}
	return fmt.Errorf("the address %s is loopback, link-local or a metadata service, and hosts does not list it", a)
}

// embedding are the prefixes of IPv6 addresses that carry an IPv4 address in
// their last four bytes.
var embedding = []netip.Prefix{netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("::/96")}

// sixToFour is the prefix of addresses that carry an IPv4 address right behind it.
var sixToFour = netip.MustParsePrefix("2002::/16")

var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16")}

func special(a netip.Addr) bool {
	for _, p := range embedding {
		if b := a.As16(); a.Is6() && p.Contains(a) && !a.IsLoopback() {
			a = netip.AddrFrom4([4]byte(b[12:16]))
		}
	}
	if b := a.As16(); a.Is6() && sixToFour.Contains(a) {
		a = netip.AddrFrom4([4]byte(b[2:6]))
	}
	for _, m := range metadata {
		if a == m {
			return true
		}
	}
	this := a.Is4() && a.As4()[0] == 0
	return a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || this
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
