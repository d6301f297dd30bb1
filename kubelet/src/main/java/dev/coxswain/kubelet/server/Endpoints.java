package dev.coxswain.kubelet.server;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.log.LogQuery;
import dev.coxswain.kubelet.log.LogReader;
import dev.coxswain.kubelet.streaming.Bridge;
import dev.coxswain.kubelet.streaming.RemoteStreams;
import dev.coxswain.proto.cri.ContainerState;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The endpoints under the paths that upstream's kubelet has. Blocking. */
@SuppressWarnings("FutureReturnValueIgnored")
final class Endpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final NodeApi node;
  private final Time time;

  Endpoints(NodeApi node, Time time) {
    this.node = node;
    this.time = time;
  }

  void serve(ChannelHandlerContext context, FullHttpRequest request, QueryStringDecoder uri) {
    Channel channel = context.channel();
    List<String> path = List.of(uri.path().substring(1).split("/", -1));
    if (!Methods.known(path.getFirst(), request.method())) {
      Answers.text(channel, HttpResponseStatus.METHOD_NOT_ALLOWED, "405: Method Not Allowed");
      return;
    }
    try {
      switch (path.getFirst()) {
        case "healthz" -> health(channel);
        case "pods" -> list(channel, node.pods());
        case "runningpods" -> list(channel, node.runningPods());
        case "metrics", "stats", "configz" -> report(channel, uri);
        case "logs" -> systemLogs(channel, request, uri);
        case "containerLogs" -> logs(context.channel(), path, uri);
        case "exec", "attach" -> command(context, request, path, uri);
        case "portForward" -> portForward(context, request, path, uri);
        case "run" -> run(channel, path, uri);
        default -> Answers.text(channel, HttpResponseStatus.NOT_FOUND, "404 page not found");
      }
    } catch (IllegalArgumentException wrong) {
      Answers.text(channel, HttpResponseStatus.BAD_REQUEST, String.valueOf(wrong.getMessage()));
    } catch (CriException failure) {
      Answers.text(
          channel, HttpResponseStatus.INTERNAL_SERVER_ERROR, String.valueOf(failure.getMessage()));
    }
  }

  private void health(Channel channel) {
    Optional<String> problem = node.problem();
    Answers.text(
        channel,
        problem.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.INTERNAL_SERVER_ERROR,
        problem.orElse("ok"));
  }

  private static void list(Channel channel, List<Pod> pods) {
    byte[] body = JSON.writeValueAsBytes(new PodListBuilder().withItems(pods).build());
    Answers.send(channel, HttpResponseStatus.OK, Answers.JSON, body);
  }

  private void report(Channel channel, QueryStringDecoder uri) {
    NodeApi.Reports reports = node.reports();
    String path = uri.path().replaceFirst("/$", "");
    switch (path) {
      case "/metrics" -> metrics(channel, reports.kubelet());
      case "/metrics/cadvisor" -> metrics(channel, reports.containers());
      case "/metrics/resource" -> metrics(channel, reports.resources());
      case "/metrics/probes" -> metrics(channel, reports.probes());
      case "/stats/summary" ->
          Answers.send(
              channel,
              HttpResponseStatus.OK,
              Answers.JSON,
              reports.summary(LogRequest.flag(uri, "only_cpu_and_memory")));
      case "/configz" ->
          Answers.send(channel, HttpResponseStatus.OK, Answers.JSON, reports.configuration());
      default -> Answers.text(channel, HttpResponseStatus.NOT_FOUND, "404 page not found");
    }
  }

  private static void metrics(Channel channel, String text) {
    Answers.send(
        channel, HttpResponseStatus.OK, Answers.METRICS, text.getBytes(StandardCharsets.UTF_8));
  }

  private void systemLogs(Channel channel, FullHttpRequest request, QueryStringDecoder uri) {
    Optional<Path> folder = node.systemLogs();
    if (folder.isEmpty()) {
      Answers.text(channel, HttpResponseStatus.METHOD_NOT_ALLOWED, "logs endpoint is disabled.");
    } else if (!request.method().equals(HttpMethod.GET)) {
      Answers.text(channel, HttpResponseStatus.METHOD_NOT_ALLOWED, "Method Not Allowed");
    } else {
      new SystemLogs(folder.get()).serve(channel, uri.path());
    }
  }

  private void logs(Channel channel, List<String> path, QueryStringDecoder uri) {
    if (path.size() != 4) {
      throw new IllegalArgumentException("want /containerLogs/{namespace}/{pod}/{container}");
    }
    LogQuery query = LogRequest.parse(uri, time.now());
    boolean previous = LogRequest.flag(uri, "previous");
    Optional<Pod> pod = known(channel, path);
    if (pod.isEmpty()) {
      return;
    }
    Optional<NodeApi.ContainerLog> log = node.log(path.get(1), path.get(2), path.get(3), previous);
    try {
      if (log.isEmpty() || !LogReader.awaitFile(log.get().file(), time)) {
        Answers.text(
            channel,
            HttpResponseStatus.BAD_REQUEST,
            MissingLog.describe(pod.get(), path.get(3), previous));
        return;
      }
      String id = log.get().id();
      try (StreamedBody body = StreamedBody.chunked(channel, Answers.TEXT)) {
        new LogReader(log.get().file(), query, body, time).read(() -> running(id));
      }
    } catch (IOException failure) {
      LOG.debug("Log of {} broke off: {}", path, failure.getMessage());
      channel.close();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      channel.close();
    }
  }

  private boolean running(String id) {
    try {
      return node.runtime().containerStatus(id).getState() == ContainerState.CONTAINER_RUNNING;
    } catch (CriException failure) {
      return failure.isUnavailable();
    }
  }

  private void command(
      ChannelHandlerContext context,
      FullHttpRequest request,
      List<String> path,
      QueryStringDecoder uri) {
    Channel channel = context.channel();
    // A uid may stand between pod and container.
    if (path.size() != 4 && path.size() != 5) {
      throw new IllegalArgumentException(
          "want /" + path.getFirst() + "/{namespace}/{pod}/{container}");
    }
    Optional<Pod> pod = known(channel, path);
    if (pod.isEmpty()) {
      return;
    }
    Optional<String> id = node.runningContainer(path.get(1), path.get(2), path.getLast());
    if (id.isEmpty()) {
      Answers.text(
          channel,
          HttpResponseStatus.NOT_FOUND,
          "container not found (\"" + path.getLast() + "\")");
      return;
    }
    if (mustUpgrade(channel, request)) {
      return;
    }
    boolean attach = path.getFirst().equals("attach");
    boolean tty = attach ? hasTty(pod.get(), path.getLast()) : LogRequest.flag(uri, "tty");
    RemoteStreams streams =
        new RemoteStreams(
            either(uri, "input", "stdin"),
            either(uri, "output", "stdout"),
            either(uri, "error", "stderr"),
            tty);
    List<String> words = uri.parameters().getOrDefault("command", List.of());
    ContainerRuntime.ExecTarget target =
        new ContainerRuntime.ExecTarget(
            id.get(), words, tty, streams.stdin(), streams.stdout(), streams.stderr());
    String url = attach ? node.runtime().attach(target) : node.runtime().exec(target);
    join(context, request, url, streams);
  }

  // Asked last: whoever asks again without the upgrade wants to hear what else is wrong.
  private static boolean mustUpgrade(Channel channel, FullHttpRequest request) {
    if (Bridge.wanted(request)) {
      return false;
    }
    Answers.text(channel, HttpResponseStatus.BAD_REQUEST, "you must ask for a protocol upgrade");
    return true;
  }

  private static boolean hasTty(Pod pod, String container) {
    return dev.coxswain.kubelet.pod.Member.find(pod, container)
        .map(member -> member.container())
        .map(Container::getTty)
        .filter(tty -> tty)
        .isPresent();
  }

  private void portForward(
      ChannelHandlerContext context,
      FullHttpRequest request,
      List<String> path,
      QueryStringDecoder uri) {
    Channel channel = context.channel();
    if (path.size() != 3 && path.size() != 4) {
      throw new IllegalArgumentException("want /portForward/{namespace}/{pod}");
    }
    if (known(channel, path).isEmpty()) {
      return;
    }
    Optional<String> sandbox = node.sandbox(path.get(1), path.get(2));
    if (sandbox.isEmpty()) {
      Answers.text(
          channel,
          HttpResponseStatus.BAD_REQUEST,
          "pod " + path.get(2) + " is not running: it has no sandbox");
      return;
    }
    if (mustUpgrade(channel, request)) {
      return;
    }
    List<Integer> ports = ForwardedPorts.of(uri);
    if (ports.isEmpty() && Bridge.speaksChannels(request)) {
      throw new IllegalArgumentException("query parameter \"port\" is required");
    }
    String url = node.runtime().portForward(sandbox.get(), ports);
    onLoop(context, request, kept -> Bridge.joinPorts(context, kept, URI.create(url)));
  }

  private static void join(
      ChannelHandlerContext context, FullHttpRequest request, String url, RemoteStreams streams) {
    onLoop(context, request, kept -> Bridge.join(context, kept, URI.create(url), streams));
  }

  private static void onLoop(
      ChannelHandlerContext context, FullHttpRequest request, Consumer<FullHttpRequest> join) {
    FullHttpRequest kept = request.retain();
    context
        .channel()
        .eventLoop()
        .execute(() -> {
          try {
            join.accept(kept);
          } finally {
            kept.release();
          }
        });
  }

  private void run(Channel channel, List<String> path, QueryStringDecoder uri) {
    if (path.size() != 4 && path.size() != 5) {
      throw new IllegalArgumentException("want /run/{namespace}/{pod}/{container}");
    }
    Optional<String> id = node.runningContainer(path.get(1), path.get(2), path.getLast());
    if (id.isEmpty()) {
      Answers.text(channel, HttpResponseStatus.NOT_FOUND, "container not found");
      return;
    }
    String command = LogRequest.text(uri, "cmd");
    var response =
        node.runtime()
            .execSync(id.get(), List.of(command.split(" ", -1)), java.time.Duration.ofMinutes(1));
    Answers.text(
        channel,
        response.getExitCode() == 0
            ? HttpResponseStatus.OK
            : HttpResponseStatus.INTERNAL_SERVER_ERROR,
        response.getStdout().concat(response.getStderr()).toString(StandardCharsets.UTF_8));
  }

  private Optional<Pod> known(Channel channel, List<String> path) {
    Optional<Pod> pod = node.pod(path.get(1), path.get(2));
    if (pod.isEmpty()) {
      Answers.text(channel, HttpResponseStatus.NOT_FOUND, "pod does not exist");
    }
    return pod;
  }

  private static boolean either(QueryStringDecoder uri, String one, String other) {
    return LogRequest.flag(uri, one) || LogRequest.flag(uri, other);
  }
}
