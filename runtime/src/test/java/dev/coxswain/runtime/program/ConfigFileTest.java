package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path folder;

  record Plugin(String name, int weight) {}

  record Config(String profile, List<Plugin> plugins) {}

  @Test
  void readsYaml() throws IOException {
    assertThat(read("profile: p\nplugins:\n- name: a\n  weight: 2\n"))
        .isEqualTo(new Config("p", List.of(new Plugin("a", 2))));
  }

  @Test
  void namesTheFieldThatIsWrong() {
    refused("profile: p\nplugins:\n- nme: a\n", "unknown field \"plugins[0].nme\"");
    refused("plugins:\n- name: a\n  weight: heavy\n", "plugins[0].weight: ");
    refused("profile: 'p", "is not valid YAML");
  }

  private void refused(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(text))
        .withMessageContaining("config file " + folder)
        .withMessageContaining(message);
  }

  private Config read(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("config.yaml"), text), Config.class);
  }
}
