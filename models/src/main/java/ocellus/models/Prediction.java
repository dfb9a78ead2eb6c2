package ocellus.models;

/**
 * One class that a picture may belong to.
 *
 * @param index the class, from 0, as the checkpoint numbers them
 * @param label its name
 * @param score between 0 and 1: softmax over all classes, or sigmoid for a multi-label model
 * @param logit what the network said, before softmax or sigmoid
 */
public record Prediction(int index, String label, float score, float logit) {}
