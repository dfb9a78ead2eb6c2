package ocellus.loaders.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import ocellus.engine.kernels.VectorWidth;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TakeoverTest {
  private static final long MILLISECOND = 1_000_000;
  private static final int PATIENCE_MILLIS = 10_000;

  /** Vectors are faster from the third trial on. */
  private static final int COMPILED = 3;

  private final AtomicInteger trials = new AtomicInteger();

  private final Takeover.Trial trial =
      new Takeover.Trial() {
        @Override
        public void withVectors() {
          if (trials.incrementAndGet() < COMPILED) {
            LockSupport.parkNanos(20 * MILLISECOND);
          }
        }

        @Override
        public void withoutVectors() {
          LockSupport.parkNanos(2 * MILLISECOND);
        }
      };

  @BeforeEach
  void vectors() {
    assumeTrue(VectorWidth.BITS != 0, "there are no vectors");
  }

  @Test
  void littleWorkIsNoReasonToTry() {
    var takeover = new Takeover(100, () -> trial);
    assertFalse(takeover.isReady(50));
    assertFalse(takeover.isReady(49));
    LockSupport.parkNanos(20 * MILLISECOND);
    assertTrue(trials.get() == 0 && !takeover.isReady(0));
  }

  @Test
  void vectorsTakeOverOnceTheyAreFaster() throws InterruptedException {
    var takeover = new Takeover(100, () -> trial);
    assertFalse(takeover.isReady(100));
    for (int i = 0; i < PATIENCE_MILLIS && !takeover.isReady(0); i++) {
      Thread.sleep(1);
    }
    assertTrue(takeover.isReady(0));
    assertTrue(trials.get() >= COMPILED, trials + " trials");
  }
}
