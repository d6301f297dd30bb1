package dev.coxswain.proxy.dns;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cluster's DNS address this node's own, on a device without a wire: pods reach it by
 * their gateway, the node's processes by loopback, and answers come from the address that was
 * asked.
 */
public final class DnsAddress {
  private static final Logger log = LoggerFactory.getLogger(DnsAddress.class);
  private static final String DEVICE = "cox-dns";

  private final Kernel kernel;
  private final String address;

  /** For this address. */
  public DnsAddress(Kernel kernel, String address) {
    this.kernel = kernel;
    this.address = address;
  }

  /** Adds the address where it is missing. */
  public void ensure() throws IOException, InterruptedException {
    String shown = kernel.require(Command.of("ip", "-4", "-o", "address", "show", "to", address));
    if (!shown.isBlank()) {
      return;
    }
    String device = DEVICE;
    CommandResult link = kernel.run(Command.of("ip", "link", "add", DEVICE, "type", "dummy"));
    if (!link.succeeded() && !link.errors().contains("exists")) {
      // A kernel without the dummy driver; the loopback device serves as well.
      log.info("no {} device ({}), {} goes to lo", DEVICE, link.errors().strip(), address);
      device = "lo";
    }
    kernel.require(Command.of("ip", "link", "set", device, "up"));
    kernel.require(Command.of("ip", "address", "replace", address + "/32", "dev", device));
  }

  /** Takes the address away again. */
  public void remove() throws IOException, InterruptedException {
    kernel.run(Command.of("ip", "link", "del", DEVICE));
  }
}
