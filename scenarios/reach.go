package scenarios

import (
	"time"

	"gopkg.in/yaml.v3"
)

// unreachable notes what the author wrote and no run can come to.
func (c *compiler) unreachable(f map[string]*yaml.Node) {
	if f["recover"] != nil {
		return
	}
	why := "there is nothing in recover"
	if n := f["recheck"]; n != nil {
		c.r.fail(n, "", "recheck never happens: %s", why)
	}
	if n := f["autonomy"]; n != nil && c.s.Autonomy == Auto {
		c.r.fail(n, "", "autonomy auto has nothing to do: %s", why)
	}
	if n := f["guards"]; n != nil {
		c.r.fail(n, "", "guards hold nothing back: %s", why)
	}
	if then := f["then"]; then != nil && then.Kind == yaml.MappingNode {
		for _, branch := range []string{"recovered", "held"} {
			if v := valueNode(then, branch, ""); v != then {
				c.r.fail(v, "", "then.%s never happens: %s", branch, why)
			}
		}
	}
}

// worst notes a deadline that the scenario itself may exceed.
func (c *compiler) worst(f map[string]*yaml.Node, root *yaml.Node) {
	sum := func(steps []*Step) (d time.Duration) {
		for _, st := range steps {
			d += st.worst()
		}
		return d
	}
	s := c.s
	s.GatherWithin = defaultGather
	for i, st := range s.Gather {
		node := f["gather"].Content[i]
		if valueNode(node, "timeout", "") != node || st.Kind == "wait" {
			s.GatherWithin = max(s.GatherWithin, st.worst())
		}
	}
	check, gather, recovery, recheck := sum(s.Check), time.Duration(0), sum(s.Recover), time.Duration(0)
	if len(s.Gather) > 0 {
		gather = min(s.GatherWithin, sum(s.Gather))
	}
	if len(s.Recover) > 0 {
		recheck = s.Recheck.Settle + s.Recheck.Within + check
	}
	if total := check + gather + recovery + recheck; total > s.Deadline {
		at := root
		if f["deadline"] != nil {
			at = f["deadline"]
		}
		c.r.fail(at, "lower attempts and timeouts, or raise the deadline",
			"at worst it takes %s (check %s, gather %s, recover %s, recheck %s), the deadline is %s",
			total, check, gather, recovery, recheck, s.Deadline)
	}
}
