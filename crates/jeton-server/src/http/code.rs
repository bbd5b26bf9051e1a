//! Every code a refusal may have: status, English and Chinese. The one table of them.

use http::StatusCode;

/// A stable code and what is said with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) name: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

pub(crate) const ACCOUNTS_UNAVAILABLE: &str = "accounts_unavailable";
pub(crate) const BAD_REQUEST: &str = "bad_request";
pub(crate) const CLAIM_REFUSED: &str = "claim_refused";
pub(crate) const FEED_BEHIND: &str = "feed_behind";
pub(crate) const FORBIDDEN: &str = "forbidden";
pub(crate) const INSUFFICIENT_SCOPE: &str = "insufficient_scope";
pub(crate) const INTERNAL: &str = "internal";
pub(crate) const INVALID_CREDENTIALS: &str = "invalid_credentials";
pub(crate) const KEY_UNKNOWN: &str = "key_unknown";
pub(crate) const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
pub(crate) const NOT_FOUND: &str = "not_found";
pub(crate) const PAYLOAD_TOO_LARGE: &str = "payload_too_large";
pub(crate) const STALE: &str = "stale";
pub(crate) const STOPPING: &str = "stopping";
pub(crate) const STORE_ROLLED_BACK: &str = "store_rolled_back";
pub(crate) const STORE_SETTLING: &str = "store_settling";
pub(crate) const STORE_UNAVAILABLE: &str = "store_unavailable";
pub(crate) const TOKEN_MISSING: &str = "token_missing";
pub(crate) const TOO_MANY_SESSIONS: &str = "too_many_sessions";
pub(crate) const UNAVAILABLE: &str = "unavailable";

const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;
const NOT_READY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

#[rustfmt::skip]
const TABLE: [Code; 34] = [
    row(TOKEN_MISSING, REFUSED, "No access token was sent.", "未提供访问令牌。"),
    row("token_malformed", REFUSED, "The token is not well-formed.", "令牌格式不正确。"),
    row("signature_invalid", REFUSED, "The token's signature is not valid.", "令牌签名无效。"),
    row(KEY_UNKNOWN, REFUSED, "The token was signed with an unknown key.", "令牌的签名密钥未知。"),
    row("key_withdrawn", REFUSED, "The token's key was withdrawn.", "令牌的签名密钥已被撤销。"),
    row("token_expired", REFUSED, "The token has expired.", "令牌已过期。"),
    row("token_not_yet_valid", REFUSED, "The token is not valid yet.", "令牌尚未生效。"),
    row(CLAIM_REFUSED, REFUSED, "The token is not for this service.", "令牌不适用于本服务。"),
    row("token_recalled", REFUSED, "The token was recalled; refresh it.", "令牌已被收回，请刷新。"),
    row("logged_out", REFUSED, "The session was logged out.", "会话已退出登录。"),
    row("revoked", REFUSED, "The session was revoked.", "会话已被撤销。"),
    row("replaced", REFUSED, "A newer session took this one's place.", "会话已被新的登录取代。"),
    row("kicked", REFUSED, "An administrator ended the session.", "会话已被管理员终止。"),
    row("banned", REFUSED, "The account is banned.", "账号已被封禁。"),
    row("password_changed", REFUSED, "The password was changed; log in again.", "密码已修改，请重新登录。"),
    row("replayed", REFUSED, "A spent refresh token came back; log in again.", "刷新令牌被重复使用，请重新登录。"),
    row(INVALID_CREDENTIALS, REFUSED, "Account or password is wrong.", "账号或密码错误。"),
    row(TOO_MANY_SESSIONS, StatusCode::FORBIDDEN, "There are too many sessions; end one first.", "会话数量已达上限，请先结束一个会话。"),
    row("weak_password", StatusCode::BAD_REQUEST, "The new password is not acceptable.", "新密码不符合要求。"),
    row(BAD_REQUEST, StatusCode::BAD_REQUEST, "The request is not valid.", "请求无效。"),
    row(PAYLOAD_TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.", "请求内容过大。"),
    row(FORBIDDEN, StatusCode::FORBIDDEN, "This is not allowed.", "没有权限。"),
    row(INSUFFICIENT_SCOPE, StatusCode::FORBIDDEN, "The token has not the scope that is needed.", "令牌缺少所需的权限范围。"),
    row(NOT_FOUND, StatusCode::NOT_FOUND, "There is no such resource.", "资源不存在。"),
    row(METHOD_NOT_ALLOWED, StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here.", "不支持该请求方法。"),
    row(STALE, StatusCode::SERVICE_UNAVAILABLE, "What was revoked is not known right now; try again.", "暂时无法确认撤销状态，请稍后重试。"),
    row(STORE_UNAVAILABLE, NOT_READY, "The store of sessions does not answer.", "会话存储无响应。"),
    row(STORE_SETTLING, NOT_READY, "The store of sessions has failed over; what it lost is being brought back.", "会话存储正在故障转移后恢复。"),
    row(STORE_ROLLED_BACK, NOT_READY, "The store of sessions has older data than it had; an operator has to decide.", "会话存储的数据已回退，需要管理员处理。"),
    row(ACCOUNTS_UNAVAILABLE, NOT_READY, "The store of accounts does not answer.", "账号存储无响应。"),
    row(FEED_BEHIND, NOT_READY, "What was revoked elsewhere may not be known here yet.", "本节点的撤销信息尚未更新。"),
    row(STOPPING, NOT_READY, "The service is stopping.", "服务正在停止。"),
    row(UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE, "The service is not available; try again.", "服务暂时不可用，请稍后重试。"),
    row(INTERNAL, StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.", "服务器内部错误。"),
];

const fn row(
    name: &'static str,
    status: StatusCode,
    english: &'static str,
    chinese: &'static str,
) -> Code {
    Code { name, status, english, chinese }
}

/// The row of this code; that of `internal` for one that nobody entered.
pub(crate) fn code(name: &str) -> Code {
    let found = TABLE.iter().find(|code| code.name == name);
    let internal = || row(INTERNAL, StatusCode::INTERNAL_SERVER_ERROR, "", "");
    found.copied().unwrap_or_else(internal)
}

#[cfg(test)]
mod tests {
    use jeton::{Reason, Refusal, VerifyError};

    use super::*;

    #[test]
    fn every_refusal_of_a_token_has_its_row_and_is_a_401() {
        let invalid = [
            VerifyError::Malformed,
            VerifyError::UnknownKey,
            VerifyError::BadSignature,
            VerifyError::WrongType,
            VerifyError::ClaimRefused("aud"),
            VerifyError::Expired,
            VerifyError::NotYetValid,
        ];
        let refusals = invalid.map(Refusal::Invalid).into_iter();
        let ended = Reason::ALL.map(Refusal::Ended);
        for refusal in refusals.chain(ended).chain([Refusal::KeyWithdrawn, Refusal::Recalled]) {
            assert_eq!(code(refusal.code()).name, refusal.code());
            assert_eq!(code(refusal.code()).status, StatusCode::UNAUTHORIZED);
        }
    }

    #[test]
    fn each_code_has_one_row() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.name == row.name).count(), 1);
            assert!(row.english.is_ascii() && !row.chinese.is_ascii(), "{}", row.name);
        }
    }
}
