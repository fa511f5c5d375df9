// Command fake-gcs serves Cloud Storage's JSON API from memory, for tests.
// It prints the port that it listens on, and ends when its standard input does.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func main() {
	port := flag.Uint("port", 0, "TCP port of the loopback interface; 0: the system chooses")
	bucket := flag.String("bucket", "test", "bucket that exists from the start")
	flag.Parse()

	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		Scheme: "http",
		Host:   "127.0.0.1",
		Port:   uint16(*port),
	})
	if err != nil {
		log.Fatal(err)
	}
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: *bucket})
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	server.Stop()
}
