package ocellus.engine.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import ocellus.engine.kernels.VectorWidth;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpgradeTest {
  private static final long STARTER = 1000;

  private static final long VECTORS = 1000;

  private static final long PATIENCE_SECONDS = 120;

  @BeforeEach
  void thereAreTiles() {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels have no tiles");
  }

  @Test
  void aTileAsFastAsTheStarterTakesOver() {
    Upgrade upgrade = upgrade(() -> STARTER);
    assertFalse(upgrade.isReady());
    assertTrue(upgrade.getAsBoolean());
    assertTrue(upgrade.isReady());
  }

  @Test
  void aTileThatBecomesFastTakesOverThen() {
    int[] calls = {0};
    Upgrade upgrade = upgrade(() -> ++calls[0] < 100 ? 50 * STARTER : STARTER / 2);
    for (int step = 1; step < 100; step++) {
      assertFalse(upgrade.getAsBoolean(), "step " + step);
    }
    assertTrue(upgrade.getAsBoolean());
    assertTrue(upgrade.isReady());
  }

  @Test
  void aTileThatStaysSlowIsGivenUp() {
    Upgrade upgrade = upgrade(() -> 50 * STARTER);
    int steps = 1;
    while (!upgrade.getAsBoolean()) {
      steps++;
    }
    assertEquals(Upgrade.MOST_STEPS, steps);
    assertFalse(upgrade.isReady());
  }

  /** A healthy machine gets its largest tile: the real one is measured and found fast. */
  @Test
  void enoughWorkBringsTheLargestTile() throws InterruptedException {
    int rows = Vectors.TILE_ROWS;
    int vectors = Vectors.TILE_VECTORS;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!TileUpgrades.isReady(rows, vectors, 1 << 20)) {
      assertTrue(System.nanoTime() < deadline, "not ready after " + PATIENCE_SECONDS + " s");
      Thread.sleep(1);
    }
  }

  /** Where nothing is compiled yet, a starter is no measure. */
  @Test
  void aTileAsSlowAsASlowStarterDoesNotTakeOver() {
    long compiled = 10 * VECTORS * Upgrade.SLOWEST_NANOS;
    long[] nanos = {compiled + 1};
    Upgrade upgrade = new Upgrade("test", VECTORS, () -> nanos[0], () -> 50 * compiled);
    assertFalse(upgrade.getAsBoolean());
    assertFalse(upgrade.isReady());
    nanos[0] = compiled;
    assertTrue(upgrade.getAsBoolean());
    assertTrue(upgrade.isReady());
  }

  private static Upgrade upgrade(LongSupplier tileNanos) {
    return new Upgrade("test", VECTORS, tileNanos, () -> STARTER);
  }
}
