package main

import (
	"context"
	"fmt"
)

func auditVerifyCommand() command {
	return command{
		name: "audit verify", args: "[CHECKPOINT]",
		summary: "check that nobody has changed the audit log",
		help: `
Reads the whole audit log and checks its chain of hashes. It fails and names the
number of the first entry that is not as it was written: changed, missing or cut
off. With a CHECKPOINT, which the server writes to its own log every hour, it
also checks that the log still goes through that point; this notices a log that
was rewritten as a whole by somebody who knows the server's secret.`,
		run: auditVerify,
	}
}

func auditVerify(ctx context.Context, c *call) error {
	args, err := c.parse(0, 1)
	if err != nil {
		return err
	}
	p, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	log := p.staff.Audit()
	bad, err := log.Verify(ctx)
	if err != nil {
		return err
	}
	if bad != 0 {
		return fmt.Errorf("the audit log is broken at entry %d", bad)
	}
	if len(args) == 1 {
		included, err := log.Includes(ctx, args[0])
		if err != nil {
			return err
		}
		if !included {
			return fmt.Errorf("the audit log does not go through the checkpoint")
		}
	}
	checkpoint, err := log.Checkpoint(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "the audit log is sound; checkpoint %s\n", checkpoint)
	return nil
}
