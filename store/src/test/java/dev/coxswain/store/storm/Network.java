package dev.coxswain.store.storm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A switch and three hosts on it, each a network namespace, and a wire to it from here. Links are
 * cut inside the hosts, so that clients out here still reach the members that are cut off.
 *
 * <p>All of it, the processes in it, and the small disk, is taken down by a shell that waits for
 * its input to end: when the storm is over, or when this process dies in whatever way.
 */
final class Network implements AutoCloseable {
  static final int HOSTS = 3;
  private static final int SUBNETS = 256;
  private static final int DOWN_SECONDS = 90;

  private final String name;
  private final String prefix;
  private final Process reaper;

  private Network(String name, String prefix, Process reaper) {
    this.name = name;
    this.prefix = prefix;
    this.reaper = reaper;
  }

  /** Sets it up; the disk, if it is mounted there, is unmounted with it. */
  static Network up(Path smallDisk) throws IOException {
    String taken = Shell.run("ip -o -4 address; ip route; ip netns list");
    // Another storm may be setting itself up at this moment: do not both begin with the first.
    int first = (int) (ProcessHandle.current().pid() % SUBNETS);
    for (int i = 0; i < SUBNETS; i++) {
      int subnet = (first + i) % SUBNETS;
      String name = "cxs" + subnet;
      String prefix = "10.197." + subnet + ".";
      if (!taken.contains(prefix) && !taken.contains(name + "-")) {
        try {
          Shell.run("ip netns add " + name + "-hub");
        } catch (IllegalStateException lost) {
          // Another has just come to have it: it is not this one's to wire, nor to take down.
          continue;
        }
        Network network = new Network(name, prefix, reaper(name, smallDisk));
        try {
          Shell.run(network.wiring());
        } catch (RuntimeException e) {
          network.close();
          throw e;
        }
        return network;
      }
    }
    throw new IOException("no free subnet below 10.197.0.0/16");
  }

  private static Process reaper(String name, Path smallDisk) throws IOException {
    String script =
        """
        trap '' INT TERM HUP
        cat > /dev/null
        for space in $(ip netns list | cut -d' ' -f1 | grep '^%1$s-'); do
          for pid in $(ip netns pids $space); do kill -9 $pid; done
        done
        i=0
        while mountpoint -q '%2$s' && [ $i -lt 50 ]; do umount '%2$s' || sleep 0.1; i=$((i+1)); done
        for space in $(ip netns list | cut -d' ' -f1 | grep '^%1$s-'); do ip netns delete $space; done
        ip link delete %1$s-out || true
        """
            .formatted(name, smallDisk);
    return new ProcessBuilder(List.of("setsid", "sh", "-c", script))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private String wiring() {
    StringBuilder script = new StringBuilder();
    script
        .append("ip -n ${n}-hub link add switch type bridge\n")
        .append("ip -n ${n}-hub link set switch up\n")
        .append("ip link add ${n}-out type veth peer name out netns ${n}-hub\n")
        .append("ip -n ${n}-hub link set out master switch up\n")
        .append("ip address add ${p}1/24 dev ${n}-out\n")
        .append("ip link set ${n}-out up\n");
    for (int host = 0; host < HOSTS; host++) {
      String space = space(host);
      script
          .append("ip netns add " + space + "\n")
          .append("ip -n " + space + " link set lo up\n")
          .append("ip -n " + space + " link add eth0 type veth peer name h" + host)
          .append(" netns ${n}-hub\n")
          .append("ip -n ${n}-hub link set h" + host + " master switch up\n")
          .append("ip -n " + space + " address add " + address(host) + "/24 dev eth0\n")
          .append("ip -n " + space + " link set eth0 up\n");
    }
    return script.toString().replace("${n}", name).replace("${p}", prefix);
  }

  String address(int host) {
    return prefix + (10 + host);
  }

  String space(int host) {
    return name + "-" + host;
  }

  /** From now on nothing that one host sends reaches the other. */
  void cut(int from, int to) {
    Shell.run(
        "ip netns exec %s iptables -w -A INPUT -s %s -j DROP".formatted(space(to), address(from)));
  }

  /** Everybody reaches everybody. */
  void heal() {
    for (int host = 0; host < HOSTS; host++) {
      Shell.run("ip netns exec %s iptables -w -F INPUT".formatted(space(host)));
    }
  }

  @Override
  public void close() {
    try {
      reaper.getOutputStream().close();
      if (!reaper.waitFor(DOWN_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("network " + name + " is still there");
      }
    } catch (IOException e) {
      throw new IllegalStateException("network " + name + " may still be there", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
