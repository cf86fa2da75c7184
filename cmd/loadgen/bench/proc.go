package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// subject is a server that is measured.
type subject interface {
	pids() ([]int, error)
	cpu() (time.Duration, error)
}

// tick is the unit of /proc/PID/stat on Linux for user space.
const tick = 10 * time.Millisecond

// cpuOf is the processor time of some processes so far.
func cpuOf(pids []int) (sum time.Duration, err error) {
	for _, pid := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		for _, f := range fields[11:13] { // utime, stime
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(n) * tick
		}
	}
	return sum, nil
}

// residentOf is the resident memory of a process in bytes.
func residentOf(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// resident is the sum over a subject.
func resident(s subject) (sum int64, err error) {
	pids, err := s.pids()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		n, err := residentOf(pid)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
