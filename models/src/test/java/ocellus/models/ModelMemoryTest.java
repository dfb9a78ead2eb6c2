package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ModelMemoryTest {
  private final AtomicInteger freed = new AtomicInteger();
  private final ModelMemory memory = new ModelMemory(freed::incrementAndGet);

  @Test
  void isFreedAtOnceWhereNoCallRuns() {
    memory.enter();
    memory.exit();
    assertEquals(0, freed.get());
    memory.close();
    assertEquals(1, freed.get());
    assertFalse(memory.arena().scope().isAlive());
  }

  @Test
  void isFreedByTheLastOfTheRunningCalls() {
    memory.enter();
    memory.enter();
    memory.close();
    memory.exit();
    assertTrue(memory.arena().scope().isAlive());
    assertEquals(0, freed.get());
    memory.exit();
    assertFalse(memory.arena().scope().isAlive());
    assertEquals(1, freed.get());
  }

  @Test
  void refusesCallsOnceItIsClosed() {
    memory.enter();
    memory.close();
    var e = assertThrows(IllegalStateException.class, memory::enter);
    assertEquals("the model has been closed", e.getMessage());
    memory.exit();
    assertThrows(IllegalStateException.class, memory::enter);
  }

  @Test
  void mayBeClosedTwice() {
    memory.enter();
    memory.close();
    memory.close();
    memory.exit();
    memory.close();
    assertEquals(1, freed.get());
  }
}
