//! The command table, one line for each command.
//!
//! Generated from `specs/amqp-0-9-1/protocol.json`; `tests/generated.rs` says how.

use crate::error::{DecodeError, Fault};
use crate::generated::{access, basic, channel, confirm, connection, exchange, queue, tx};
use crate::method::{
    CLIENT, CONTENT, Command, Facts, MethodId, SERVER, SYNC, kept, methods, parse,
};
use crate::sink::{Sink, Wire};
use crate::storage::{Borrowed, Keep, Owned, Storage};

methods! {
    ConnectionStart(connection::Start<S>) = (10, 10) "connection.start" [SERVER | SYNC] => [(10, 11)];
    ConnectionStartOk(connection::StartOk<S>) = (10, 11) "connection.start-ok" [CLIENT | SYNC] => [];
    ConnectionSecure(connection::Secure<S>) = (10, 20) "connection.secure" [SERVER | SYNC] => [(10, 21)];
    ConnectionSecureOk(connection::SecureOk<S>) = (10, 21) "connection.secure-ok" [CLIENT | SYNC] => [];
    ConnectionTune(connection::Tune) = (10, 30) "connection.tune" [SERVER | SYNC] => [(10, 31)];
    ConnectionTuneOk(connection::TuneOk) = (10, 31) "connection.tune-ok" [CLIENT | SYNC] => [];
    ConnectionOpen(connection::Open<S>) = (10, 40) "connection.open" [CLIENT | SYNC] => [(10, 41)];
    ConnectionOpenOk(connection::OpenOk) = (10, 41) "connection.open-ok" [SERVER | SYNC] => [];
    ConnectionClose(connection::Close<S>) = (10, 50) "connection.close" [CLIENT | SERVER | SYNC] => [(10, 51)];
    ConnectionCloseOk(connection::CloseOk) = (10, 51) "connection.close-ok" [CLIENT | SERVER | SYNC] => [];
    ConnectionBlocked(connection::Blocked<S>) = (10, 60) "connection.blocked" [SERVER] => [];
    ConnectionUnblocked(connection::Unblocked) = (10, 61) "connection.unblocked" [SERVER] => [];
    ConnectionUpdateSecret(connection::UpdateSecret<S>) = (10, 70) "connection.update-secret" [CLIENT | SYNC] => [(10, 71)];
    ConnectionUpdateSecretOk(connection::UpdateSecretOk) = (10, 71) "connection.update-secret-ok" [SERVER | SYNC] => [];
    ChannelOpen(channel::Open) = (20, 10) "channel.open" [CLIENT | SYNC] => [(20, 11)];
    ChannelOpenOk(channel::OpenOk) = (20, 11) "channel.open-ok" [SERVER | SYNC] => [];
    ChannelFlow(channel::Flow) = (20, 20) "channel.flow" [CLIENT | SERVER | SYNC] => [(20, 21)];
    ChannelFlowOk(channel::FlowOk) = (20, 21) "channel.flow-ok" [CLIENT | SERVER] => [];
    ChannelClose(channel::Close<S>) = (20, 40) "channel.close" [CLIENT | SERVER | SYNC] => [(20, 41)];
    ChannelCloseOk(channel::CloseOk) = (20, 41) "channel.close-ok" [CLIENT | SERVER | SYNC] => [];
    ExchangeDeclare(exchange::Declare<S>) = (40, 10) "exchange.declare" [CLIENT | SYNC] => [(40, 11)];
    ExchangeDeclareOk(exchange::DeclareOk) = (40, 11) "exchange.declare-ok" [SERVER | SYNC] => [];
    ExchangeDelete(exchange::Delete<S>) = (40, 20) "exchange.delete" [CLIENT | SYNC] => [(40, 21)];
    ExchangeDeleteOk(exchange::DeleteOk) = (40, 21) "exchange.delete-ok" [SERVER | SYNC] => [];
    ExchangeBind(exchange::Bind<S>) = (40, 30) "exchange.bind" [CLIENT | SYNC] => [(40, 31)];
    ExchangeBindOk(exchange::BindOk) = (40, 31) "exchange.bind-ok" [SERVER | SYNC] => [];
    ExchangeUnbind(exchange::Unbind<S>) = (40, 40) "exchange.unbind" [CLIENT | SYNC] => [(40, 51)];
    ExchangeUnbindOk(exchange::UnbindOk) = (40, 51) "exchange.unbind-ok" [SERVER | SYNC] => [];
    QueueDeclare(queue::Declare<S>) = (50, 10) "queue.declare" [CLIENT | SYNC] => [(50, 11)];
    QueueDeclareOk(queue::DeclareOk<S>) = (50, 11) "queue.declare-ok" [SERVER | SYNC] => [];
    QueueBind(queue::Bind<S>) = (50, 20) "queue.bind" [CLIENT | SYNC] => [(50, 21)];
    QueueBindOk(queue::BindOk) = (50, 21) "queue.bind-ok" [SERVER | SYNC] => [];
    QueueUnbind(queue::Unbind<S>) = (50, 50) "queue.unbind" [CLIENT | SYNC] => [(50, 51)];
    QueueUnbindOk(queue::UnbindOk) = (50, 51) "queue.unbind-ok" [SERVER | SYNC] => [];
    QueuePurge(queue::Purge<S>) = (50, 30) "queue.purge" [CLIENT | SYNC] => [(50, 31)];
    QueuePurgeOk(queue::PurgeOk) = (50, 31) "queue.purge-ok" [SERVER | SYNC] => [];
    QueueDelete(queue::Delete<S>) = (50, 40) "queue.delete" [CLIENT | SYNC] => [(50, 41)];
    QueueDeleteOk(queue::DeleteOk) = (50, 41) "queue.delete-ok" [SERVER | SYNC] => [];
    BasicQos(basic::Qos) = (60, 10) "basic.qos" [CLIENT | SYNC] => [(60, 11)];
    BasicQosOk(basic::QosOk) = (60, 11) "basic.qos-ok" [SERVER | SYNC] => [];
    BasicConsume(basic::Consume<S>) = (60, 20) "basic.consume" [CLIENT | SYNC] => [(60, 21)];
    BasicConsumeOk(basic::ConsumeOk<S>) = (60, 21) "basic.consume-ok" [SERVER | SYNC] => [];
    BasicCancel(basic::Cancel<S>) = (60, 30) "basic.cancel" [CLIENT | SERVER | SYNC] => [(60, 31)];
    BasicCancelOk(basic::CancelOk<S>) = (60, 31) "basic.cancel-ok" [CLIENT | SERVER | SYNC] => [];
    BasicPublish(basic::Publish<S>) = (60, 40) "basic.publish" [CLIENT | CONTENT] => [];
    BasicReturn(basic::Return<S>) = (60, 50) "basic.return" [SERVER | CONTENT] => [];
    BasicDeliver(basic::Deliver<S>) = (60, 60) "basic.deliver" [SERVER | CONTENT] => [];
    BasicGet(basic::Get<S>) = (60, 70) "basic.get" [CLIENT | SYNC] => [(60, 71), (60, 72)];
    BasicGetOk(basic::GetOk<S>) = (60, 71) "basic.get-ok" [SERVER | SYNC | CONTENT] => [];
    BasicGetEmpty(basic::GetEmpty) = (60, 72) "basic.get-empty" [SERVER | SYNC] => [];
    BasicAck(basic::Ack) = (60, 80) "basic.ack" [CLIENT | SERVER] => [];
    BasicReject(basic::Reject) = (60, 90) "basic.reject" [CLIENT] => [];
    BasicRecoverAsync(basic::RecoverAsync) = (60, 100) "basic.recover-async" [CLIENT] => [];
    BasicRecover(basic::Recover) = (60, 110) "basic.recover" [CLIENT | SYNC] => [(60, 111)];
    BasicRecoverOk(basic::RecoverOk) = (60, 111) "basic.recover-ok" [SERVER | SYNC] => [];
    BasicNack(basic::Nack) = (60, 120) "basic.nack" [CLIENT | SERVER] => [];
    TxSelect(tx::Select) = (90, 10) "tx.select" [CLIENT | SYNC] => [(90, 11)];
    TxSelectOk(tx::SelectOk) = (90, 11) "tx.select-ok" [SERVER | SYNC] => [];
    TxCommit(tx::Commit) = (90, 20) "tx.commit" [CLIENT | SYNC] => [(90, 21)];
    TxCommitOk(tx::CommitOk) = (90, 21) "tx.commit-ok" [SERVER | SYNC] => [];
    TxRollback(tx::Rollback) = (90, 30) "tx.rollback" [CLIENT | SYNC] => [(90, 31)];
    TxRollbackOk(tx::RollbackOk) = (90, 31) "tx.rollback-ok" [SERVER | SYNC] => [];
    ConfirmSelect(confirm::Select) = (85, 10) "confirm.select" [CLIENT | SYNC] => [(85, 11)];
    ConfirmSelectOk(confirm::SelectOk) = (85, 11) "confirm.select-ok" [SERVER | SYNC] => [];
    AccessRequest(access::Request<S>) = (30, 10) "access.request" [CLIENT | SYNC] => [(30, 11)];
    AccessRequestOk(access::RequestOk) = (30, 11) "access.request-ok" [SERVER] => [];
}
