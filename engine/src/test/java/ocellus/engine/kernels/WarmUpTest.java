package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {
  private static final long PATIENCE_SECONDS = 120;

  @ParameterizedTest
  @EnumSource
  void kernelsTakeTheTinyOperands(WarmUp.Call call) {
    for (Activation activation : Activation.values()) {
      WarmUp.tiny(call, activation).run();
    }
  }

  @Test
  void waitingEnds() {
    for (WarmUp.Call call : WarmUp.Call.values()) {
      WarmUp.expect(call, Activation.RELU);
    }
    WarmUp.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!WarmUp.isFinished()) {
      WarmUp.await();
      assertTrue(System.nanoTime() < deadline, "not finished after " + PATIENCE_SECONDS + " s");
    }
  }
}
