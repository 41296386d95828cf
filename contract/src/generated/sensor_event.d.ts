import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace muster. */
export namespace muster {

    /** Namespace sensor. */
    namespace sensor {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a SensorEventPayload.
             * @deprecated Use muster.sensor.v1.SensorEventPayload.$Properties instead.
             */
            interface ISensorEventPayload extends muster.sensor.v1.SensorEventPayload.$Properties {
            }

            /** Represents a SensorEventPayload. */
            class SensorEventPayload {

                /**
                 * Constructs a new SensorEventPayload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: muster.sensor.v1.SensorEventPayload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SensorEventPayload payloadVersion. */
                payloadVersion: number;

                /** SensorEventPayload inventoryItem. */
                inventoryItem?: (muster.sensor.v1.InventoryItemPayload.$Properties|null);

                /** SensorEventPayload finding. */
                finding?: (muster.sensor.v1.FindingPayload.$Properties|null);

                /**
                 * Encodes the specified SensorEventPayload message. Does not implicitly {@link muster.sensor.v1.SensorEventPayload.verify|verify} messages.
                 * @param message SensorEventPayload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: muster.sensor.v1.SensorEventPayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SensorEventPayload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {muster.sensor.v1.SensorEventPayload & muster.sensor.v1.SensorEventPayload.$Shape} SensorEventPayload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): muster.sensor.v1.SensorEventPayload & muster.sensor.v1.SensorEventPayload.$Shape;
            }

            namespace SensorEventPayload {

                /** Properties of a SensorEventPayload. */
                interface $Properties {

                    /** SensorEventPayload payloadVersion */
                    payloadVersion?: (number|null);

                    /** SensorEventPayload inventoryItem */
                    inventoryItem?: (muster.sensor.v1.InventoryItemPayload.$Properties|null);

                    /** SensorEventPayload finding */
                    finding?: (muster.sensor.v1.FindingPayload.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SensorEventPayload. */
                type $Shape = muster.sensor.v1.SensorEventPayload.$Properties;
            }

            /**
             * Properties of an InventoryItemPayload.
             * @deprecated Use muster.sensor.v1.InventoryItemPayload.$Properties instead.
             */
            interface IInventoryItemPayload extends muster.sensor.v1.InventoryItemPayload.$Properties {
            }

            /** Represents an InventoryItemPayload. */
            class InventoryItemPayload {

                /**
                 * Constructs a new InventoryItemPayload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: muster.sensor.v1.InventoryItemPayload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** InventoryItemPayload itemId. */
                itemId: string;

                /** InventoryItemPayload surface. */
                surface: string;

                /** InventoryItemPayload kind. */
                kind: string;

                /** InventoryItemPayload name. */
                name: string;

                /** InventoryItemPayload version. */
                version?: (string|null);

                /** InventoryItemPayload path. */
                path: string;

                /** InventoryItemPayload provenance. */
                provenance?: (muster.sensor.v1.ProvenancePayload.$Properties|null);

                /** InventoryItemPayload attributes. */
                attributes: { [k: string]: string };

                /**
                 * Encodes the specified InventoryItemPayload message. Does not implicitly {@link muster.sensor.v1.InventoryItemPayload.verify|verify} messages.
                 * @param message InventoryItemPayload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: muster.sensor.v1.InventoryItemPayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an InventoryItemPayload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {muster.sensor.v1.InventoryItemPayload & muster.sensor.v1.InventoryItemPayload.$Shape} InventoryItemPayload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): muster.sensor.v1.InventoryItemPayload & muster.sensor.v1.InventoryItemPayload.$Shape;
            }

            namespace InventoryItemPayload {

                /** Properties of an InventoryItemPayload. */
                interface $Properties {

                    /** InventoryItemPayload itemId */
                    itemId?: (string|null);

                    /** InventoryItemPayload surface */
                    surface?: (string|null);

                    /** InventoryItemPayload kind */
                    kind?: (string|null);

                    /** InventoryItemPayload name */
                    name?: (string|null);

                    /** InventoryItemPayload version */
                    version?: (string|null);

                    /** InventoryItemPayload path */
                    path?: (string|null);

                    /** InventoryItemPayload provenance */
                    provenance?: (muster.sensor.v1.ProvenancePayload.$Properties|null);

                    /** InventoryItemPayload attributes */
                    attributes?: ({ [k: string]: string }|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an InventoryItemPayload. */
                type $Shape = muster.sensor.v1.InventoryItemPayload.$Properties;
            }

            /**
             * Properties of a ProvenancePayload.
             * @deprecated Use muster.sensor.v1.ProvenancePayload.$Properties instead.
             */
            interface IProvenancePayload extends muster.sensor.v1.ProvenancePayload.$Properties {
            }

            /** Represents a ProvenancePayload. */
            class ProvenancePayload {

                /**
                 * Constructs a new ProvenancePayload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: muster.sensor.v1.ProvenancePayload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ProvenancePayload origin. */
                origin?: (string|null);

                /** ProvenancePayload installedOnRequest. */
                installedOnRequest?: (boolean|null);

                /** ProvenancePayload detail. */
                detail?: (string|null);

                /**
                 * Encodes the specified ProvenancePayload message. Does not implicitly {@link muster.sensor.v1.ProvenancePayload.verify|verify} messages.
                 * @param message ProvenancePayload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: muster.sensor.v1.ProvenancePayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ProvenancePayload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {muster.sensor.v1.ProvenancePayload & muster.sensor.v1.ProvenancePayload.$Shape} ProvenancePayload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): muster.sensor.v1.ProvenancePayload & muster.sensor.v1.ProvenancePayload.$Shape;
            }

            namespace ProvenancePayload {

                /** Properties of a ProvenancePayload. */
                interface $Properties {

                    /** ProvenancePayload origin */
                    origin?: (string|null);

                    /** ProvenancePayload installedOnRequest */
                    installedOnRequest?: (boolean|null);

                    /** ProvenancePayload detail */
                    detail?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ProvenancePayload. */
                type $Shape = muster.sensor.v1.ProvenancePayload.$Properties;
            }

            /**
             * Properties of a FindingPayload.
             * @deprecated Use muster.sensor.v1.FindingPayload.$Properties instead.
             */
            interface IFindingPayload extends muster.sensor.v1.FindingPayload.$Properties {
            }

            /** Represents a FindingPayload. */
            class FindingPayload {

                /**
                 * Constructs a new FindingPayload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: muster.sensor.v1.FindingPayload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** FindingPayload id. */
                id: string;

                /** FindingPayload surface. */
                surface: string;

                /** FindingPayload itemId. */
                itemId: string;

                /** FindingPayload ruleId. */
                ruleId: string;

                /** FindingPayload title. */
                title: string;

                /** FindingPayload rationale. */
                rationale: string;

                /** FindingPayload severity. */
                severity: string;

                /** FindingPayload itemName. */
                itemName: string;

                /** FindingPayload evidence. */
                evidence?: (muster.sensor.v1.FindingEvidencePayload.$Properties|null);

                /** FindingPayload observedAt. */
                observedAt: string;

                /**
                 * Encodes the specified FindingPayload message. Does not implicitly {@link muster.sensor.v1.FindingPayload.verify|verify} messages.
                 * @param message FindingPayload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: muster.sensor.v1.FindingPayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FindingPayload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {muster.sensor.v1.FindingPayload & muster.sensor.v1.FindingPayload.$Shape} FindingPayload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): muster.sensor.v1.FindingPayload & muster.sensor.v1.FindingPayload.$Shape;
            }

            namespace FindingPayload {

                /** Properties of a FindingPayload. */
                interface $Properties {

                    /** FindingPayload id */
                    id?: (string|null);

                    /** FindingPayload surface */
                    surface?: (string|null);

                    /** FindingPayload itemId */
                    itemId?: (string|null);

                    /** FindingPayload ruleId */
                    ruleId?: (string|null);

                    /** FindingPayload title */
                    title?: (string|null);

                    /** FindingPayload rationale */
                    rationale?: (string|null);

                    /** FindingPayload severity */
                    severity?: (string|null);

                    /** FindingPayload itemName */
                    itemName?: (string|null);

                    /** FindingPayload evidence */
                    evidence?: (muster.sensor.v1.FindingEvidencePayload.$Properties|null);

                    /** FindingPayload observedAt */
                    observedAt?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FindingPayload. */
                type $Shape = muster.sensor.v1.FindingPayload.$Properties;
            }

            /**
             * Properties of a FindingEvidencePayload.
             * @deprecated Use muster.sensor.v1.FindingEvidencePayload.$Properties instead.
             */
            interface IFindingEvidencePayload extends muster.sensor.v1.FindingEvidencePayload.$Properties {
            }

            /** Represents a FindingEvidencePayload. */
            class FindingEvidencePayload {

                /**
                 * Constructs a new FindingEvidencePayload.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: muster.sensor.v1.FindingEvidencePayload.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** FindingEvidencePayload path. */
                path: string;

                /** FindingEvidencePayload detail. */
                detail?: (string|null);

                /** FindingEvidencePayload matchedField. */
                matchedField?: (string|null);

                /** FindingEvidencePayload matchedValue. */
                matchedValue?: (string|null);

                /**
                 * Encodes the specified FindingEvidencePayload message. Does not implicitly {@link muster.sensor.v1.FindingEvidencePayload.verify|verify} messages.
                 * @param message FindingEvidencePayload message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: muster.sensor.v1.FindingEvidencePayload.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a FindingEvidencePayload message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {muster.sensor.v1.FindingEvidencePayload & muster.sensor.v1.FindingEvidencePayload.$Shape} FindingEvidencePayload
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): muster.sensor.v1.FindingEvidencePayload & muster.sensor.v1.FindingEvidencePayload.$Shape;
            }

            namespace FindingEvidencePayload {

                /** Properties of a FindingEvidencePayload. */
                interface $Properties {

                    /** FindingEvidencePayload path */
                    path?: (string|null);

                    /** FindingEvidencePayload detail */
                    detail?: (string|null);

                    /** FindingEvidencePayload matchedField */
                    matchedField?: (string|null);

                    /** FindingEvidencePayload matchedValue */
                    matchedValue?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a FindingEvidencePayload. */
                type $Shape = muster.sensor.v1.FindingEvidencePayload.$Properties;
            }
        }
    }
}
