package dev.coxswain.e2e;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.coxswain.runtime.time.Time;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The house rules of ARCHITECTURE.md: which module may use which, and where time and chance come
 * from.
 */
final class ArchitectureTest {
  private static JavaClasses house;

  @BeforeAll
  static void readTheHouse() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.coxswain");
  }

  @Test
  void modulesUseOnlyWhatTheirRowInTheHousePlanAllows() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("proto")
        .definedBy("dev.coxswain.proto..")
        .layer("api")
        .definedBy("dev.coxswain.api..")
        .layer("runtime")
        .definedBy("dev.coxswain.runtime..")
        .layer("store")
        .definedBy("dev.coxswain.store..")
        .layer("apiserver")
        .definedBy("dev.coxswain.apiserver..")
        .layer("scheduler")
        .definedBy("dev.coxswain.scheduler..")
        .layer("controllers")
        .definedBy("dev.coxswain.controllers..")
        .layer("kubelet")
        .definedBy("dev.coxswain.kubelet..")
        .layer("proxy")
        .definedBy("dev.coxswain.proxy..")
        .layer("deploy")
        .definedBy("dev.coxswain.deploy..")
        .optionalLayer("bench")
        .definedBy("dev.coxswain.bench..")
        .whereLayer("proto")
        .mayOnlyBeAccessedByLayers("store", "apiserver", "kubelet", "bench")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("apiserver")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("scheduler")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("controllers")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("kubelet")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("proxy")
        .mayOnlyBeAccessedByLayers("deploy", "bench")
        .whereLayer("deploy")
        .mayOnlyBeAccessedByLayers("bench")
        .check(house);
  }

  @Test
  void theObjectModelIsPure() {
    noClasses()
        .that(resideInAPackage("dev.coxswain.api.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "dev.coxswain.runtime..",
                "java.net..",
                "java.nio.file..",
                "java.util.concurrent.locks.."))
        .check(house);
  }

  @Test
  void clocksSleepsAndRandomnessStayInsideTheirPorts() {
    noClasses()
        .that(outsideThePorts())
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDate.class, "now")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .orShould()
        .callMethod(OffsetDateTime.class, "now")
        .orShould()
        .callMethod(ZonedDateTime.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .callConstructor(SplittableRandom.class)
        .check(house);
  }

  /**
   * A wall clock that jumps cannot matter to a store that does not look at one: elections, leases,
   * deadlines and compaction count by the monotonic clock. Backups have the date in their names,
   * and the identity of a new member is salted with it.
   */
  @Test
  void theStoreAndItsReplicationCountByTheMonotonicClockAlone() {
    noClasses()
        .that(resideInAPackage("dev.coxswain.store.."))
        .and(DescribedPredicate.not(resideInAPackage("dev.coxswain.store.backup..")))
        .and(DescribedPredicate.not(simpleName("ClusterService").or(simpleName("Resync"))))
        .should()
        .callMethod(Time.class, "now")
        .check(house);
    noClasses()
        .that(resideInAPackage("org.apache.ratis.."))
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Clock.class, "millis")
        .check(
            new ClassFileImporter()
                .importPackages(
                    "org.apache.ratis.server", "org.apache.ratis.grpc", "org.apache.ratis.util"));
  }

  private static DescribedPredicate<JavaClass> outsideThePorts() {
    return DescribedPredicate.describe(
        "are outside dev.coxswain.runtime.time and not load programs",
        type ->
            !type.getPackageName().startsWith("dev.coxswain.runtime.time")
                && !type.getPackageName().startsWith("dev.coxswain.proto")
                && !type.getPackageName().startsWith("dev.coxswain.bench"));
  }
}
