package dev.coxswain.apiserver.health;

import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code /healthz}, {@code /livez} and {@code /readyz}: named checks, each of which can be asked
 * for alone, left out with {@code ?exclude=}, and listed with {@code ?verbose}.
 */
public final class Health implements Endpoint {
  private final String path;
  private final List<Check> checks;

  /**
   * One thing that must be well.
   *
   * @param name its name in paths
   * @param problem what is wrong; empty where nothing is
   */
  public record Check(String name, Problem problem) {}

  /** Looks whether something is well. */
  @FunctionalInterface
  public interface Problem {
    /** What is wrong; empty where nothing is. */
    Optional<String> find();
  }

  /** An endpoint at this path. */
  public Health(String path, List<Check> checks) {
    this.path = path;
    this.checks = List.copyOf(checks);
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    String asked = request.info().path();
    String single = asked.length() > path.length() + 1 ? asked.substring(path.length() + 1) : "";
    List<Check> chosen = new ArrayList<>();
    for (Check check : checks) {
      boolean wanted = single.isEmpty() || single.equals(check.name());
      if (wanted && !request.query().all("exclude").contains(check.name())) {
        chosen.add(check);
      }
    }
    if (chosen.isEmpty() && !single.isEmpty()) {
      throw Failures.noSuchPath();
    }
    StringBuilder lines = new StringBuilder();
    boolean well = true;
    for (Check check : chosen) {
      Optional<String> problem = check.problem().find();
      well &= problem.isEmpty();
      lines.append(
          problem.isEmpty()
              ? "[+]" + check.name() + " ok\n"
              : "[-]" + check.name() + " failed: " + problem.get() + "\n");
    }
    String name = path.substring(1);
    if (!well) {
      request.exchange().answer(Answer.text(500, lines + name + " check failed\n"));
    } else if (request.query().has("verbose")) {
      request.exchange().answer(Answer.text(200, lines + name + " check passed\n"));
    } else {
      request.exchange().answer(Answer.text(200, "ok"));
    }
  }
}
