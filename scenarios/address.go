package scenarios

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// fillURL works an address out. Values that come from outside are escaped for
// the place at which they stand, so that none can leave it.
func fillURL(t *text, w *world) (*url.URL, error) {
	raw := ""
	var err error
	if e := t.whole(); e != nil {
		var v any
		if v, err = e.value(w); err == nil {
			raw, err = textOf(v)
		}
	} else {
		raw, err = t.fill(w, escapeForURL)
	}
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the address cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the address begins with neither http:// nor https://")
	case u.Hostname() == "":
		return nil, errors.New("the address has no host")
	case u.Port() != "" && !isPort(u.Port()):
		return nil, fmt.Errorf("the address has no port %s", clip(u.Port(), 20))
	case u.User != nil:
		return nil, errors.New("the address has a user name in it")
	}
	return u, nil
}

func escapeForURL(before, value string) (string, error) {
	if strings.ContainsAny(before, "?#") {
		return url.QueryEscape(value), nil
	}
	_, rest, found := strings.Cut(before, "://")
	if !found {
		return "", errors.New("a value stands before the host of the address")
	}
	if strings.Contains(rest, "/") {
		if value == "." || value == ".." || value == "" {
			return "", fmt.Errorf("%q is no part of a path", value)
		}
		return url.PathEscape(value), nil
	}
	if value == "" || strings.ContainsFunc(value, notInHost) {
		return "", fmt.Errorf("%q is no host", clip(value, 60))
	}
	return value, nil
}

func notInHost(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]", r)
}
