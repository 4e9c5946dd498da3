package app

import "amsbot/scenarios"

// PermissionsConfig lists Slack users, user groups, channels or "everyone".
type PermissionsConfig struct {
	View       []string `yaml:"view"`
	Run        []string `yaml:"run"`
	Approve    []string `yaml:"approve"` // where it is not said: who may run
	BreakGlass []string `yaml:"break_glass"`
	Resolve    []string `yaml:"resolve"`
	Resume     []string `yaml:"resume"`
	Override   []string `yaml:"override"`
}

// permissionList is one of the lists, as it is written.
type permissionList struct {
	name string
	who  []string
}

func (p PermissionsConfig) lists() []permissionList {
	return []permissionList{{"view", p.View}, {"run", p.Run}, {"approve", p.Approve},
		{"break_glass", p.BreakGlass}, {"resolve", p.Resolve}, {"resume", p.Resume}, {"override", p.Override}}
}

// MarshalYAML leaves out what is not said: an empty list says nobody.
func (p PermissionsConfig) MarshalYAML() (any, error) {
	said := map[string][]string{}
	for _, l := range p.lists() {
		if l.who != nil {
			said[l.name] = l.who
		}
	}
	return said, nil
}

// Ceiling is the configuration's permissions.
func (c *Config) Ceiling() scenarios.Permissions { return scenarios.Permissions(c.Permissions) }
