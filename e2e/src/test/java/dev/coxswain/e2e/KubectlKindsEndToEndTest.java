package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One object of every kind, through every command of kubectl that takes any kind, read as a person
 * reads it.
 */
@ParameterizedClass
@EnumSource(Kubectl.class)
@ExtendWith(SharedCluster.class)
final class KubectlKindsEndToEndTest {
  private static final String NAMESPACE = "kinds-walk";
  static final Path MANIFESTS =
      Repository.root().resolve("e2e/src/test/resources/kubectl/kinds.yaml");
  private static final Path HEADINGS = MANIFESTS.resolveSibling("headings.txt");

  /** What old clients of old kinds are told on every request. */
  private static final String ENDPOINTS_ARE_OLD =
      "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

  /** More kinds than this have not moved to a new version since Debian's kubectl 1.20. */
  private static final int OLD_DESCRIPTIONS = 10;

  private static final Pattern SKEW = Pattern.compile("WARNING: version difference.*|");

  private final Kubectl kubectl;
  private Cluster cluster;
  private String file;
  private int objects;

  KubectlKindsEndToEndTest(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  @BeforeEach
  void begin(Cluster shared, @TempDir Path folder) throws IOException {
    cluster = shared.using(kubectl, Map.of());
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    String text = Files.readString(MANIFESTS).replace("NAMESPACE", NAMESPACE);
    objects = text.split("\n---\n", -1).length - 1;
    file = Files.writeString(folder.resolve("kinds.yaml"), text).toString();
  }

  @AfterEach
  void leaveNothing() {
    cluster.tryKubectl("-n", NAMESPACE, "delete", "--ignore-not-found", "--wait=false", "-f", file);
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @Test
  void everyKindIsCreatedReadChangedAndDeleted() throws IOException {
    mustSayForEach("created", "create", "--save-config");
    assertThat(kindsOfTheFile()).containsExactlyInAnyOrderElementsOf(kindsThatCanBeWritten());
    assertThat(headings(on("get", "-o", "wide").orFail()))
        .containsExactlyElementsOf(
            Files.readAllLines(HEADINGS).stream().filter(line -> !line.startsWith("#")).toList());
    assertThat(on("get", "-o", "name").orFail().lines()).hasSize(objects);
    describe();

    mustSayForEach("unchanged|configured", "apply");
    mustSayForEach("labeled", "label", "tier=first");
    mustSayForEach("annotated", "annotate", "note=taken");
    mustSayForEach(
        "patched", "patch", "--type=merge", "-p", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    mustSayForEach(
        "patched",
        "patch",
        "--type=json",
        "-p",
        "[{\"op\": \"test\", \"path\": \"/metadata/labels/a\", \"value\": \"b\"},"
            + " {\"op\": \"remove\", \"path\": \"/metadata/labels/a\"}]");
    assertThat(on("diff").output()).isEmpty();
    assertThat(on("apply", "view-last-applied").orFail().lines().filter("metadata:"::equals))
        .hasSize(objects);
    mustSayForEach("serverside-applied", "apply", "--server-side", "--force-conflicts");
    mustSayForEach("(unchanged|configured) \\(server dry run\\)", "apply", "--dry-run=server");
    assertThat(
            on("get", "-o", "jsonpath={range .items[*]}{.metadata.labels.tier}{\"\\n\"}{end}")
                .orFail()
                .lines())
        .as("a configuration that does not speak of a label leaves it")
        .hasSize(objects)
        .containsOnly("first");
    edit("s/tier: first$/tier: edited/");
    assertThat(on("get", "-L", "tier").orFail().lines().filter(line -> line.endsWith("edited")))
        .hasSize(objects);

    mustSayForEach("deleted.*", "delete", Cluster.PATIENTLY);
    Shell.Outcome gone = on("get", "-o", "name");
    assertThat(gone.exitCode()).isEqualTo(1);
    assertThat(gone.output()).isEmpty();
    assertThat(
            gone.errors().lines().filter(line -> line.startsWith("Error from server (NotFound)")))
        .hasSize(objects);
  }

  @Test
  void everyKindIsExplained() {
    List<String> unexplained = new ArrayList<>();
    for (Kind kind : kinds()) {
      Shell.Outcome outcome =
          cluster.tryKubectl("explain", kind.resource(), "--api-version=" + kind.apiVersion());
      String text = outcome.output();
      boolean read =
          outcome.exitCode() == 0
              && text.matches("(?s).*KIND: +" + kind.name() + "\n.*")
              && text.matches("(?s).*DESCRIPTION:\n +[^<\\s].*")
              && text.contains("FIELDS:");
      if (!read) {
        unexplained.add(kind + ": " + outcome.everything());
      }
    }
    assertThat(unexplained).isEmpty();
    assertThat(cluster.kubectl("explain", "pods", "--recursive"))
        .contains("terminationGracePeriodSeconds");
  }

  /**
   * An old kubectl reads some kinds in versions of its own time to describe them, which no server
   * has any more.
   */
  private void describe() {
    String versionIsGone =
        "Error from server (NotFound): the server could not find the requested resource";
    Shell.Outcome described = on("describe");
    List<String> noise = new ArrayList<>(noise(described));
    boolean newest = kubectl == Kubectl.NEWEST;
    noise.removeIf(line -> !newest && line.equals(versionIsGone));
    assertThat(noise).isEmpty();
    assertThat(described.output().lines().filter(line -> line.matches("Name: +\\S+")))
        .as(described.output())
        .hasSizeGreaterThanOrEqualTo(newest ? objects : objects - OLD_DESCRIPTIONS);
  }

  private void edit(String expression) {
    Shell.Outcome outcome =
        cluster
            .using(kubectl, Map.of("KUBE_EDITOR", "sed -i -e '" + expression + "'"))
            .tryKubectl("-n", NAMESPACE, "edit", "-f", file);
    mustSayForEach("edited", outcome);
  }

  private Shell.Outcome on(String... command) {
    List<String> words = new ArrayList<>(List.of("-n", NAMESPACE));
    words.addAll(List.of(command));
    words.addAll(List.of("-f", file));
    return cluster.tryKubectl(words.toArray(String[]::new));
  }

  private void mustSayForEach(String word, String... command) {
    mustSayForEach(word, on(command));
  }

  private void mustSayForEach(String word, Shell.Outcome outcome) {
    assertThat(noise(outcome)).as(String.join(" ", outcome.command())).isEmpty();
    assertThat(
            outcome
                .orFail()
                .lines()
                .filter(line -> line.matches("\\S+(\\.\\S+)* (\"\\S+\" )?(" + word + ")")))
        .as(outcome.output())
        .hasSize(objects);
  }

  /** What is on the error output, but for what belongs there. */
  private static List<String> noise(Shell.Outcome outcome) {
    return outcome
        .errors()
        .lines()
        .filter(line -> !line.equals(ENDPOINTS_ARE_OLD) && !SKEW.matcher(line).matches())
        .filter(line -> !line.startsWith("Warning: deleting cluster-scoped resources"))
        .filter(line -> !line.startsWith("warning: deleting cluster-scoped resources"))
        .toList();
  }

  private static List<String> headings(String tables) {
    return Arrays.stream(("\n\n" + tables).split("\n\n+", -1))
        .filter(table -> !table.isBlank())
        .map(table -> table.lines().findFirst().orElse("").strip().replaceAll(" {2,}", " | "))
        .toList();
  }

  /** A kind, as {@code kubectl api-resources} lists it. */
  private record Kind(String resource, String apiVersion, String name) {
    private static final Pattern LINE =
        Pattern.compile("(\\S+) .*?(\\S+) +(?:true|false) +(\\S+).*");

    static Kind read(String line) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new AssertionError("not a line of api-resources: " + line);
      }
      return new Kind(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    /** Whether it is Kubernetes' own, and not one that a test or a user brought. */
    boolean builtin() {
      String group = apiVersion.contains("/") ? apiVersion.split("/", 2)[0] : "";
      return !group.contains(".") || group.endsWith(".k8s.io");
    }
  }

  private List<Kind> kinds(String... flags) {
    String[] command =
        Stream.concat(Stream.of("api-resources", "--no-headers"), Arrays.stream(flags))
            .toArray(String[]::new);
    return cluster
        .tryKubectl(command)
        .output()
        .lines()
        .map(Kind::read)
        .filter(Kind::builtin)
        .toList();
  }

  private Set<String> kindsThatCanBeWritten() {
    return kinds("--verbs=create,list,delete").stream()
        .map(kind -> kind.apiVersion() + " " + kind.name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> kindsOfTheFile() {
    return on("get", "-o", "jsonpath={range .items[*]}{.apiVersion} {.kind}{\"\\n\"}{end}")
        .orFail()
        .lines()
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
