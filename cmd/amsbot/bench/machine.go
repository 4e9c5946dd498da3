package bench

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strings"

	"amsbot/cmd/amsbot/floor"
)

// Machine is what the figures were made on.
type Machine struct {
	System string  `json:"system"`
	CPU    string  `json:"cpu,omitempty"`
	Cores  int     `json:"cores"`
	Go     string  `json:"go"`
	Sync   float64 `json:"fsync_ms,omitempty"`  // median of a write of 4 KiB with its fsync; 0 where the disk is not asked
	Update float64 `json:"update_ms,omitempty"` // median of a bbolt Update of 2 KiB; the same
}

func machine(d floor.Disk) Machine {
	m := here()
	m.Sync, m.Update = inMillis(d.Sync), inMillis(d.Update)
	return m
}

// here is this machine without its disk.
func here() Machine {
	return Machine{System: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(), Go: runtime.Version()}
}

// cpu is what Linux calls the processor; "" elsewhere.
func cpu() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
