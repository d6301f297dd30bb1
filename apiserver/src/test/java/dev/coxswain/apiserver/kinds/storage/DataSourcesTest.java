package dev.coxswain.apiserver.kinds.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class DataSourcesTest {
  private static final String SNAPSHOT =
      "{`apiGroup`:`snapshot.storage.k8s.io`,`kind`:`VolumeSnapshot`,`name`:`s`}";
  private static final String CLAIM = "{`kind`:`PersistentVolumeClaim`,`name`:`c`}";
  private static final String POPULATOR =
      "{`apiGroup`:`fill.example.com`,`kind`:`Backup`,`name`:`b`}";

  @Test
  void aSnapshotOrAClaimStandsInBothFields() {
    for (String source : List.of(SNAPSHOT, CLAIM)) {
      ObjectNode both = spec("{`dataSource`:" + source + ",`dataSourceRef`:" + source + "}");
      assertThat(created("{`dataSource`:" + source + "}")).isEqualTo(both);
      assertThat(created("{`dataSourceRef`:" + source + "}")).isEqualTo(both);
    }
  }

  @Test
  void theOlderFieldTakesNothingElse() {
    assertThat(created("{`dataSource`:" + POPULATOR + "}")).isEqualTo(spec("{}"));
    assertThat(created("{`dataSource`:{`kind`:`VolumeSnapshot`,`name`:`s`}}"))
        .isEqualTo(spec("{}"));
    assertThat(created("{`dataSourceRef`:" + POPULATOR + "}"))
        .isEqualTo(spec("{`dataSource`:" + POPULATOR + ",`dataSourceRef`:" + POPULATOR + "}"));
  }

  @Test
  void otherNamespacesAreNotReferredTo() {
    assertThat(
            created(
                "{`dataSourceRef`:{`kind`:`PersistentVolumeClaim`,`name`:`c`,`namespace`:`n`}}"))
        .isEqualTo(spec("{}"));
  }

  @Test
  void aClientThatKnowsTheOlderFieldAloneTakesNothingAway() {
    ObjectNode before = created("{`dataSourceRef`:" + POPULATOR + "}");
    ObjectNode update = spec("{`dataSource`:" + POPULATOR + "}");
    DataSources.prepare(update, before);
    assertThat(update).isEqualTo(before);

    ObjectNode added = spec("{`dataSource`:" + POPULATOR + "}");
    DataSources.prepare(added, spec("{}"));
    assertThat(added).isEqualTo(spec("{}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{`dataSource`:{`kind`:`PersistentVolumeClaim`,`name`:`c`}} | ''",
        "{`dataSource`:{`kind`:`PersistentVolumeClaim`}} | spec.dataSource.name: Required value",
        "{`dataSourceRef`:{`kind`:`Backup`,`name`:`b`}} | spec.dataSourceRef: Invalid value:"
            + " `Backup`",
        "{`dataSourceRef`:{`apiGroup`:`a_b`,`kind`:`Backup`,`name`:`b`}} |"
            + " spec.dataSourceRef.apiGroup: Invalid value: `a_b`",
        "{`dataSource`:{`kind`:`PersistentVolumeClaim`,`name`:`c`},`dataSourceRef`:{`kind`:`PersistentVolumeClaim`,`name`:`d`}}"
            + " | spec: Invalid value: `spec.dataSource`: must match dataSourceRef",
      })
  void whatIsWrongIsSaid(String given, String said) {
    List<FieldError> errors = new ArrayList<>();
    DataSources.validateInto(spec(given), errors);
    if (said.isEmpty()) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors)
          .singleElement()
          .extracting(FieldError::message)
          .asString()
          .startsWith(said.replace('`', '"'));
    }
  }

  private static ObjectNode created(String spec) {
    ObjectNode created = spec(spec);
    DataSources.prepare(created);
    return created;
  }

  private static ObjectNode spec(String json) {
    return (ObjectNode) JsonMapper.shared().readTree(json.replace('`', '"'));
  }
}
