// Command oracle prints the effective requests and limits of pods as upstream
// computes them: k8s.io/component-helpers/resource with UseStatusResources and no
// other option. Tests hold kite-tui's own rule equal to it.
//
// Standard input has one Pod as JSON on every line; standard output gets one line
// for each, in order, empty lines left out:
//
//	{"requests": {"cpu": 250, "memory": 134217728}, "limits": {}}
//
// cpu is in millicores (Quantity.MilliValue), everything else is Quantity.Value,
// both rounded up. A resource is in a map if and only if it is in upstream's
// ResourceList, zeros included. A line that is no Pod gives {"error": "..."}.
// A line is answered before the next one is read from a terminal or pipe that has
// nothing more to read, so the program can also be kept open and asked pod by pod.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
)

type answer struct {
	Requests map[v1.ResourceName]int64 `json:"requests"`
	Limits   map[v1.ResourceName]int64 `json:"limits"`
}

type failure struct {
	Error string `json:"error"`
}

func integers(list v1.ResourceList) map[v1.ResourceName]int64 {
	out := make(map[v1.ResourceName]int64, len(list))
	for name, quantity := range list {
		if name == v1.ResourceCPU {
			out[name] = quantity.MilliValue()
		} else {
			out[name] = quantity.Value()
		}
	}
	return out
}

func evaluate(line []byte) any {
	var pod v1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return failure{err.Error()}
	}
	options := resource.PodResourcesOptions{UseStatusResources: true}
	return answer{
		Requests: integers(resource.PodRequests(&pod, options)),
		Limits:   integers(resource.PodLimits(&pod, options)),
	}
}

func run(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	for {
		line, err := reader.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := encoder.Encode(evaluate(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return writer.Flush()
		}
		if err != nil {
			return errors.Join(err, writer.Flush())
		}
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
