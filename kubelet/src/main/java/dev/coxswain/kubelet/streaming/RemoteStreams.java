package dev.coxswain.kubelet.streaming;

import java.util.ArrayList;
import java.util.List;

/**
 * Which streams a remote command was asked for.
 *
 * @param stdin whether the client sends standard input
 * @param stdout whether it wants standard output
 * @param stderr whether it wants standard error; never with a terminal, which has only one output
 * @param terminal whether the command runs on a terminal, whose size the client may change
 */
public record RemoteStreams(boolean stdin, boolean stdout, boolean stderr, boolean terminal) {

  /** Drops standard error where there is a terminal, as upstream does. */
  public RemoteStreams {
    stderr = stderr && !terminal;
  }

  /** The channels that exist, in the order in which the runtime's streams are opened. */
  List<RemoteChannel> channels() {
    List<RemoteChannel> channels = new ArrayList<>(List.of(RemoteChannel.ERROR));
    if (stdin) {
      channels.add(RemoteChannel.STDIN);
    }
    if (stdout) {
      channels.add(RemoteChannel.STDOUT);
    }
    if (stderr) {
      channels.add(RemoteChannel.STDERR);
    }
    if (terminal) {
      channels.add(RemoteChannel.RESIZE);
    }
    return channels;
  }

  /** The channel on which the client is told that the connection stands: the lowest it reads. */
  RemoteChannel greeting() {
    if (stdout) {
      return RemoteChannel.STDOUT;
    }
    return stderr ? RemoteChannel.STDERR : RemoteChannel.ERROR;
  }
}
