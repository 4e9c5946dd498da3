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
	Sync   float64 `json:"fsync_ms"`  // median of a write of 4 KiB with its fsync
	Update float64 `json:"update_ms"` // median of a bbolt Update of 2 KiB
}

func machine(d floor.Disk) Machine {
	return Machine{
		System: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Sync: inMillis(d.Sync), Update: inMillis(d.Update),
	}
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
